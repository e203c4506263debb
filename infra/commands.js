'use strict';

// Commands of the Serverless CLI that run our own code. `invoke local`: a function on this machine, with the
// settings and the database of the shell, as the flask commands. `wsgi flask`, `exec` and `command local`: here;
// `wsgi flask` without `local`: one of our own commands in the deployment. No deployed code runs what an event says, so
// `exec` and `command` have no other place than here.
const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { delimiter, resolve } = require('node:path');

const BIN = '.venv/bin';
const PYTHON = `${BIN}/python`;
const HERE = {
  command: (words) => ['/bin/sh', '-c', words],
  exec: (words) => [PYTHON, '-c', words],
  flask: (words) => [PYTHON, '-m', 'infra.flask_command', 'here', '--', words],
};

class Commands {
  constructor(serverless, options) {
    this.serverless = serverless;
    this.options = options;
    this.environment = { ...process.env };
    this.hooks = {
      initialize: () => {
        if (this.isLocalCall) this.leaveOutSettings();
        this.takeOver();
      },
      'before:invoke:local:invoke': () => this.makeLocal(),
    };
  }

  get isLocalCall() {
    return this.serverless.processedInput.commands.join(' ') === 'invoke local';
  }

  get aws() {
    return this.serverless.getProvider('aws');
  }

  // The shell's, as if our own environment were activated in it.
  get shell() {
    const profile = this.options['aws-profile'];
    const path = [resolve(BIN), this.environment.PATH].filter(Boolean).join(delimiter);
    return {
      ...this.environment,
      PATH: path,
      VIRTUAL_ENV: resolve('.venv'),
      ...(profile && { AWS_PROFILE: profile }),
    };
  }

  // A function's settings refer to resources of the deployment, which the CLI cannot work out.
  leaveOutSettings() {
    for (const one of Object.values(this.serverless.service.functions)) one.environment = {};
  }

  // The CLI has made an environment as in Lambda, in which the product would look for a deployment's tables and keys.
  makeLocal() {
    const { shell } = this;
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, shell);
    const asks = 'from app.core.config import settings; print(settings().missing_database())';
    const done = this.spawn([PYTHON, '-c', asks], { encoding: 'utf8' });
    if (done.status !== 0) throw this.failure(done.stderr);
    if (done.stdout.trim()) throw this.failure(done.stdout.trim());
  }

  // The library looks for a function with its own handler, which is never deployed: it executes code from its event.
  takeOver() {
    const library = this.serverless.pluginManager.plugins.find((one) => one.constructor.name === 'ServerlessWSGI');
    library.invokeHandler = async (command, words, isLocal) => this.carryOut(command, words, isLocal);
  }

  carryOut(command, words, isLocal) {
    if (command === 'manage') throw this.failure('This is a Flask app: npx serverless wsgi flask -c "..."');
    if (!isLocal && command !== 'flask') {
      throw this.failure(
        `No deployed code runs what an event says: type npx serverless wsgi ${command} local -c "..." for this ` +
          'machine, or npx serverless wsgi flask -c with one of our own commands for the deployment.'
      );
    }
    const where = ['--prefix', this.aws.naming.getStackName(), '--region', this.aws.getRegion()];
    const there = [PYTHON, '-m', 'infra.flask_command', 'there', ...where, '--', words];
    const { status } = this.spawn(isLocal ? HERE[command](words) : there, { stdio: 'inherit' });
    process.exitCode = status === null ? 1 : status;
  }

  spawn([program, ...words], how) {
    if (!existsSync(PYTHON)) throw this.failure(`There is no ${PYTHON}: make deploy makes it.`);
    const done = spawnSync(program, words, { env: this.shell, ...how });
    if (done.error) throw this.failure(`${program} could not be run: ${done.error.message}`);
    return done;
  }

  failure(text) {
    return new this.serverless.classes.Error(text);
  }
}

module.exports = Commands;
