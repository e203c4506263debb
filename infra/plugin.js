'use strict';

// Makes `serverless deploy` whole: builds the artifact, asks our rules, makes the secrets that are not there yet, takes
// in what an earlier deployment has left, changes indexes one at a time, says where it all is. Makes `serverless
// rollback` keep the indexes.
const { spawnSync } = require('node:child_process');
const { existsSync, mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
// Comes with the CLI.
const { CloudFormationClient, DescribeStacksCommand } = require('@aws-sdk/client-cloudformation');

const { limitTables } = require('./ceilings');
const { addDashboard } = require('./dashboard');
const { bringLayersAlong } = require('./layers');
const { LEFT_OUT, namedRegion } = require('./region');
const { waitForRoutes } = require('./stage_routes');

const PYTHON = '.venv/bin/python';

class WholeDeployment {
  constructor(serverless, options, { log, writeText }) {
    this.serverless = serverless;
    this.options = options;
    this.log = log;
    this.writeText = writeText;
    this.hooks = {
      'before:package:initialize': () => this.makeArtifacts(),
      'before:deploy:function:initialize': () => this.makeArtifacts(),
      'before:package:compileLayers': () => bringLayersAlong(this.serverless),
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        waitForRoutes(this.template);
        limitTables(this.template, this.values);
        addDashboard(this.template, this.name);
      },
      'before:deploy:deploy': async () => {
        this.checkAddress();
        await this.sayRegion();
        this.checkTemplate();
        this.makeSecrets();
        this.makeEdge();
      },
      'before:aws:deploy:deploy:createStack': () => this.makeReady(),
      'after:aws:deploy:deploy:createStack': () => {
        this.takeIn();
        this.changeIndexes();
        this.watch();
      },
      'before:rollback:rollback': () => this.keepIndexes(),
      'after:deploy:finalize': () => this.sayWhere(),
    };
  }

  get name() {
    return `${this.serverless.service.service}-${this.stage}`;
  }

  get aws() {
    return this.serverless.getProvider('aws');
  }

  // Keys that the shell has need no profile.
  get profileToSay() {
    if (this.profile) return ` AWS_PROFILE=${this.profile}`;
    return process.env.AWS_ACCESS_KEY_ID ? '' : ' AWS_PROFILE=default';
  }

  // Of the stage's file.
  get values() {
    return this.serverless.service.custom.stage;
  }

  get stage() {
    return this.aws.getStage();
  }

  get profile() {
    return this.aws.options['aws-profile'] || process.env.AWS_PROFILE;
  }

  get template() {
    return this.serverless.service.provider.compiledCloudFormationTemplate;
  }

  makeArtifacts() {
    const { package: whole, layers, provider } = this.serverless.service;
    const { runtime, architecture } = provider;
    const make = (module, output) =>
      this.run(module, '--runtime', runtime, '--architecture', architecture, '--output', output);
    if (!process.env.FLOOD_ARTIFACT) make('infra.package', whole.artifact);
    if (!process.env.FLOOD_LAYER) make('infra.photo_layer', layers.photos.package.artifact);
  }

  get packagedTemplate() {
    const { serviceDir, pluginManager } = this.serverless;
    const folder = join(serviceDir, pluginManager.cliOptions.package || '.serverless');
    return join(folder, this.aws.naming.getCompiledTemplateFileName());
  }

  get ofStack() {
    return ['--stack', this.name, '--region', this.aws.getRegion()];
  }

  // Where people rely on the service, alarms need an address.
  checkAddress() {
    const { alarm_email: email, deletion_protection: isProtected } = this.values;
    if (isProtected && !email) {
      throw this.failure(
        `${this.name} is protected from deletion, and its alarms would ring for nobody. ` +
          `Write who receives them into infra/stages/${this.stage}.yml: alarm_email: water@example.org`
      );
    }
  }

  // Aloud, since the wrong region makes a second, empty deployment. Earlier releases did not ask the profile.
  async sayRegion() {
    const { region, why } = namedRegion(this.options);
    this.log.notice(`${this.name} goes to ${region}: ${why}.`);
    const isNew = why.startsWith('the profile') && region !== LEFT_OUT && !(await this.isDeployed(region));
    if (isNew && (await this.isDeployed(LEFT_OUT))) {
      throw this.failure(
        `${this.name} is deployed in ${LEFT_OUT}, and not in ${region}, which the profile names. ` +
          `Say which one you mean: --region ${LEFT_OUT}, or --region ${region} for another, empty deployment.`
      );
    }
  }

  async isDeployed(region) {
    const cloudFormation = new CloudFormationClient({ ...(await this.aws.getAwsSdkV3Config()), region });
    try {
      await cloudFormation.send(new DescribeStacksCommand({ StackName: this.name }));
      return true;
    } catch (error) {
      if (/does not exist/.test(error.message)) return false;
      throw error;
    }
  }

  checkTemplate() {
    this.run('infra.rules', this.packagedTemplate);
    this.run('infra.names', '--template', this.packagedTemplate, ...this.ofStack);
  }

  // CloudFront's web ACL lives in another region and comes first; its alarms watch the CDN by its id, and come last.
  makeEdge(distribution) {
    const { cdn, web_acl: isOn, web_acl_arn: another, alarm_email: email } = this.values;
    if (cdn !== 'on' || isOn !== 'on' || another) return;
    const asked = ['--stage', this.stage, '--region', this.aws.getRegion(), '--email', email];
    this.run('infra.edge', 'deploy', ...asked, ...(distribution ? ['--distribution', distribution] : []));
  }

  // The CLI leaves out a deployment whose files are those of the last one, even if that was taken back.
  makeReady() {
    if (this.run('infra.stack_state', ...this.ofStack)) this.options.force = true;
  }

  takeIn() {
    this.run('infra.adopt', '--template', this.packagedTemplate, ...this.ofStack);
  }

  // What is deployed: the packaged template with the next change alone of each table's indexes.
  changeIndexes() {
    const next = this.withOutput('deploy', '--template', this.packagedTemplate);
    this.indexes = next.said;
    this.serverless.service.provider.compiledCloudFormationTemplate = JSON.parse(next.written);
  }

  // Alarms that go off take the deployment back.
  watch() {
    const asked = [...this.ofStack, '--minutes', this.values.watch_minutes];
    const watched = JSON.parse(this.written('infra.watch', ...asked).written);
    if (watched.RollbackTriggers) this.serverless.service.provider.rollbackConfiguration = watched;
  }

  // An earlier template does not know the indexes that were made since.
  async keepIndexes() {
    const { options } = this;
    const date = new Date(isNaN(new Date(options.timestamp)) ? Number(options.timestamp) : options.timestamp);
    if (isNaN(date)) return; // the CLI says what it wants
    const name = `${date.getTime()}-${date.toISOString()}`;
    const folder = `${this.aws.getDeploymentPrefix()}/${this.serverless.service.service}/${this.stage}/${name}`;
    const bucket = await this.aws.getServerlessDeploymentBucketName();
    options.timestamp = this.withOutput('rollback', '--bucket', bucket, '--folder', folder).written;
  }

  withOutput(act, ...args) {
    return this.written('infra.index_steps', act, ...this.ofStack, ...args);
  }

  written(module, ...args) {
    const folder = mkdtempSync(join(tmpdir(), 'floodmanager-'));
    const output = join(folder, 'output');
    try {
      const said = this.run(module, ...args, '--output', output);
      return { said, written: readFileSync(output, 'utf8') };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  makeSecrets() {
    this.run('infra.secrets', 'ensure', '--prefix', this.name, '--region', this.aws.getRegion());
  }

  run(module, ...args) {
    if (!existsSync(PYTHON)) throw this.failure(`There is no ${PYTHON}: make deploy makes it.`);
    const env = { ...process.env, ...(this.profile && { AWS_PROFILE: this.profile }) };
    const done = spawnSync(PYTHON, ['-m', module, ...args], { encoding: 'utf8', env, maxBuffer: 1 << 24 });
    if (done.error) throw this.failure(`${PYTHON} could not be run: ${done.error.message}`);
    if (done.status !== 0) throw this.failure(`${module} failed:\n${done.stdout}${done.stderr}`);
    if (done.stderr) this.log.warning(done.stderr.trim());
    const said = done.stdout.trim();
    if (said) this.log.notice(said);
    return said;
  }

  failure(text) {
    return new this.serverless.classes.Error(text);
  }

  // Empty if the stage's file names the address for alarms.
  unheardAlarms() {
    if (this.values.alarm_email) return [];
    const { Resources } = this.template;
    const alarms = Object.values(Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
    return ['', `${alarms.length} alarms ring for nobody: set alarm_email in infra/stages/${this.stage}.yml.`];
  }

  async sayWhere() {
    const cloudFormation = new CloudFormationClient(await this.aws.getAwsSdkV3Config());
    const answer = await cloudFormation.send(new DescribeStacksCommand({ StackName: this.aws.naming.getStackName() }));
    const outputs = Object.fromEntries(
      (answer.Stacks[0].Outputs || []).map((output) => [output.OutputKey, output.OutputValue])
    );
    this.makeEdge(outputs.CdnId);
    const api = outputs.DomainUrl || outputs.CdnUrl || outputs.HttpApiUrl;
    const region = this.aws.getRegion();
    const lines = [
      '',
      `FloodManager is deployed as ${this.name} in ${region}.`,
      '',
      `  Pages       ${api}/`,
      `  API docs    ${api}/docs`,
      `  Reports     ${api}/v1/reports`,
      `  Status      ${api}/status.json`,
      ...(outputs.DomainTarget ? ['', `Where your zone is kept, make ${api} a CNAME of ${outputs.DomainTarget}.`] : []),
      ...this.unheardAlarms(),
      '',
      ...(this.indexes ? [this.indexes, ''] : []),
      'Next:',
      `  curl ${api}/healthz`,
      `  RESOURCE_PREFIX=${this.name} AWS_REGION=${region}${this.profileToSay} \\`,
      '    .venv/bin/flask --app app.factory create-admin warden',
      '',
    ];
    this.writeText(lines.join('\n'));
  }
}

module.exports = WholeDeployment;
