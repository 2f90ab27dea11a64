/**
 * Loaded before a delivery worker: the process dies when it is about to send a postback whose data says `"seq":POISON_SEQ,`, or any
 * postback if there is no POISON_SEQ.
 */
const { repositoryFile } = require('./repositoryFile.js');

const requests = require(repositoryFile('core/dist/template/composeRequest.js'));
const { composeRequest } = requests;
const { POISON_SEQ } = process.env;
const mark = POISON_SEQ === undefined ? '' : `"seq":${POISON_SEQ},`;

requests.composeRequest = (endpoint, postback) => {
  if (postback.data.includes(mark)) process.kill(process.pid, 'SIGKILL');
  return composeRequest(endpoint, postback);
};
