/** Where the built services lie, from here. */
const { join } = require('node:path');

exports.repositoryFile = (path) => join(__dirname, '../../..', path);
