#!/usr/bin/env node
'use strict';

// The Serverless CLI, as `npx serverless` and make start it (the Makefile links it). The CLI takes `-c` for its own
// `--config` before it knows the commands of plugins, and so would not understand `serverless wsgi flask -c "..."`, as
// serverless-wsgi documents it (https://github.com/logandk/serverless-wsgi/issues/234).
const WITH_WORDS = ['command', 'exec', 'flask', 'manage'];

function understood(words) {
  const isMeant = words[0] === 'wsgi' && WITH_WORDS.includes(words[1]);
  return isMeant ? words.map((word) => (word === '-c' ? '--command' : word)) : words;
}

if (require.main === module) {
  process.argv.splice(2, Infinity, ...understood(process.argv.slice(2)));
  require('serverless/bin/serverless.js');
}

module.exports = { understood };
