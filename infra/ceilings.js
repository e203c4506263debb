'use strict';

// On-demand tables take all that is asked, and bill it. Each table and index gets a ceiling (units a second), so that a
// mistake or a leaked key cannot spend endlessly. The rule `ceilings_starve_nobody` of infra/rules_tables.py sees that
// it lies above all that the gateway lets through. A change of a row may be two writes of an index: the old entry goes,
// the new one comes; and an index that throttles, throttles its table.
function limitTables({ Resources }, { read_ceiling: read, write_ceiling: write }) {
  for (const { Type, Properties } of Object.values(Resources)) {
    if (Type !== 'AWS::DynamoDB::Table') continue;
    Properties.OnDemandThroughput = { MaxReadRequestUnits: read, MaxWriteRequestUnits: write };
    for (const index of Properties.GlobalSecondaryIndexes || []) {
      index.OnDemandThroughput = { MaxReadRequestUnits: read, MaxWriteRequestUnits: 2 * write };
    }
  }
}

module.exports = { limitTables };
