'use strict';

// The web ACL of a stage's CDN: ours, whose ARN infra/edge.py puts into the parameter store; another one by its ARN; or
// none.
module.exports = async ({ resolveVariable }) => {
  const { web_acl: isOn, web_acl_arn: arn } = await resolveVariable('self:custom.stage');
  const secrets = await resolveVariable('self:custom.secrets');
  if (arn) return { id: arn };
  return { id: isOn === 'on' ? `{{resolve:ssm:${secrets}/web-acl}}` : '' };
};
