/** Loaded before a delivery worker: the process dies when it is about to send a postback whose data says `"seq":POISON_SEQ,`. */
const { repositoryFile } = require('./repositoryFile.js');

const requests = require(repositoryFile('delivery/dist/buildRequest.js'));
const { buildRequest } = requests;
const mark = `"seq":${process.env.POISON_SEQ},`;

requests.buildRequest = (endpoint, postback) => {
  if (postback.data.includes(mark)) process.kill(process.pid, 'SIGKILL');
  return buildRequest(endpoint, postback);
};
