'use strict';

// The CLI asks the deployed stack for the hash of each layer, even where it only packages, and then goes on using the
// file of an earlier deployment. Such files are deleted with their deployment, so that a rollback could miss one: here
// each deployment brings its own. To find that nothing has changed it looks at the zips in its own folder, and a layer's
// path has a date: so the layer lies there, and its path is no output.
const { copyFileSync, mkdirSync } = require('node:fs');
const { basename, join } = require('node:path');

function bringLayersAlong(serverless) {
  const { pluginManager, service, serviceDir } = serverless;
  const { naming } = serverless.getProvider('aws');
  const folder = join(serviceDir, '.serverless');
  mkdirSync(folder, { recursive: true });
  for (const layer of Object.values(service.layers)) {
    const place = join(folder, basename(layer.package.artifact));
    copyFileSync(layer.package.artifact, place);
    layer.package.artifact = place;
  }
  const { Outputs } = service.provider.compiledCloudFormationTemplate;
  for (const plugin of pluginManager.getPlugins()) {
    if (plugin.constructor.name !== 'AwsCompileLayers') continue;
    plugin.compareWithLastLayer = async (name) => {
      delete Outputs[naming.getLambdaLayerS3KeyOutputLogicalId(name)];
    };
  }
}

module.exports = { bringLayersAlong };
