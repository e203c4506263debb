'use strict';

// The region of a deployment: the option, else the environment, else the profile. What named it is said before the
// first resource is made (plugin.js).
const { readFileSync } = require('node:fs');
const { homedir } = require('node:os');
const { join } = require('node:path');

// Where nothing names one: `package`, `print` and `wsgi serve` call no account. Deployments went there, too, before the
// profile was asked.
const LEFT_OUT = 'eu-west-2';

function ofProfile(profile) {
  const file = process.env.AWS_CONFIG_FILE || join(homedir(), '.aws', 'config');
  const heads = profile === 'default' ? ['[default]', '[profile default]'] : [`[profile ${profile}]`];
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined; // no such file: keys come from the environment
  }
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const start = lines.findIndex((line) => heads.includes(line));
  if (start < 0) return undefined;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.startsWith('['));
  const said = rest.slice(0, end < 0 ? undefined : end).map((line) => /^region\s*=\s*(\S+)/.exec(line));
  const found = said.find(Boolean);
  return found && found[1];
}

function namedRegion(options = {}) {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_PROFILE } = process.env;
  const profile = options['aws-profile'] || AWS_PROFILE || 'default';
  const ways = [
    [options.region, '--region names it'],
    [AWS_REGION, 'AWS_REGION names it'],
    [AWS_DEFAULT_REGION, 'AWS_DEFAULT_REGION names it'],
    [ofProfile(profile), `the profile ${profile} names it`],
    [LEFT_OUT, 'nothing names another: --region, AWS_REGION and the profile are silent'],
  ];
  const [region, why] = ways.find(([one]) => one);
  return { region, why };
}

module.exports = ({ options }) => namedRegion(options);
module.exports.namedRegion = namedRegion;
module.exports.LEFT_OUT = LEFT_OUT;
