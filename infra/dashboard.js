'use strict';

// One page of graphs for the operator (CloudWatch, Dashboards), made of what the template holds, so that no function,
// queue or table is left out.
const named = (resources, type, name) =>
  Object.values(resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties[name]);

function graph(title, metrics, { stat = 'Sum', ...more } = {}) {
  const properties = { title, metrics, stat, period: 300, region: '${AWS::Region}', ...more };
  return { type: 'metric', width: 12, height: 6, properties };
}

function widgets(resources) {
  const functions = named(resources, 'AWS::Lambda::Function', 'FunctionName');
  const tables = named(resources, 'AWS::DynamoDB::Table', 'TableName');
  const queues = named(resources, 'AWS::SQS::Queue', 'QueueName');
  const ofFunction = (metric) => functions.map((one) => ['AWS/Lambda', metric, 'FunctionName', one]);
  const ofTable = (metric) => tables.map((one) => ['AWS/DynamoDB', metric, 'TableName', one]);
  const ofQueue = (one) => ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', one];
  const ofApi = (metric, more) => ['AWS/ApiGateway', metric, 'ApiId', '${HttpApi}', ...(more ? [more] : [])];
  return [
    graph('Requests, refusals (4xx), failures (5xx)', [ofApi('Count'), ofApi('4xx'), ofApi('5xx')]),
    graph('Slowest hundredth of answers, ms', [ofApi('Latency')], { stat: 'p99' }),
    graph('Functions: errors', ofFunction('Errors')),
    graph('Functions: turned away', ofFunction('Throttles')),
    graph('Functions: at the same time', ofFunction('ConcurrentExecutions'), { stat: 'Maximum' }),
    graph('Consumers behind, ms', ofFunction('IteratorAge'), { stat: 'Maximum' }),
    graph('Tables: read units', ofTable('ConsumedReadCapacityUnits')),
    graph('Tables: written units', ofTable('ConsumedWriteCapacityUnits')),
    graph('Messages that wait', queues.map(ofQueue), { stat: 'Maximum' }),
  ];
}

function addDashboard({ Resources }, name) {
  Resources.Dashboard = {
    Type: 'AWS::CloudWatch::Dashboard',
    Properties: {
      DashboardName: name,
      DashboardBody: { 'Fn::Sub': JSON.stringify({ widgets: widgets(Resources) }) },
    },
  };
}

module.exports = { addDashboard };
