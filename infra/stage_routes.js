'use strict';

// The API's stage has settings for some routes. API Gateway refuses settings of a route that is not there yet ("Unable
// to find Route by key"), and CloudFormation makes resources in any order that their dependencies allow: so the stage
// waits for exactly these routes.
const of = (resources, type) => Object.entries(resources).filter(([, body]) => body.Type === type);

function waitForRoutes({ Resources }) {
  const ids = Object.fromEntries(
    of(Resources, 'AWS::ApiGatewayV2::Route').map(([id, { Properties }]) => [Properties.RouteKey, id])
  );
  for (const [, stage] of of(Resources, 'AWS::ApiGatewayV2::Stage')) {
    // A key without a route is left to the rules, which name it.
    const wanted = Object.keys(stage.Properties.RouteSettings || {}).map((key) => ids[key]);
    stage.DependsOn = [...new Set([].concat(stage.DependsOn || [], wanted.filter(Boolean).sort()))];
  }
}

module.exports = { waitForRoutes };
