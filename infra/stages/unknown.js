'use strict';

// Read in the place of a stage's file that is not there.
const { readdirSync } = require('node:fs');

module.exports = () => {
  const stages = readdirSync(__dirname)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => name.slice(0, -'.yml'.length));
  const error = new Error(
    `infra/stages has no file for this stage. There are: ${stages.join(', ')}. ` +
      'For another, copy infra/stages/dev.yml to its name.'
  );
  // The CLI shows the whole stack, and this is all there is to say.
  error.stack = error.message;
  throw error;
};
