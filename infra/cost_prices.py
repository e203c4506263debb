"""Prices of AWS in US dollars without tax, each with the list that it is from; London's unless its name says otherwise.

They come from other people's public records of AWS's price lists: docs/operations.md, section 2.
"""

LISTS = {
    "API Gateway, million requests": (1.16, "4 September 2026"),
    "Lambda, million requests": (0.20, "1 October 2026"),
    "Lambda on arm64, GB second": (0.0000133334, "1 October 2026"),
    "DynamoDB in us-east-1, million read units": (0.125, "November 2024"),
    "DynamoDB in us-east-1, million write units": (0.625, "November 2024"),
    "DynamoDB in us-east-1, GB stored, with its backup": (0.45, "November 2024"),
    "SQS, million requests": (0.40, "look it up"),
    "SES, 1,000 messages": (0.10, "look it up"),
    "S3, 1,000 objects written": (0.0053, "look it up"),
    "S3, GB stored": (0.024, "look it up"),
    "CloudWatch, GB of logs": (0.5985, "22 September 2026"),
    "CloudWatch, metric of an alarm": (0.10, "22 September 2026"),
    "CloudWatch, dashboard": (3.00, "look it up"),
    "KMS, 10,000 requests": (0.03, "11 September 2026"),
    "data out, GB": (0.09, "16 September 2026"),
    "CloudFront, GB": (0.085, "3 October 2026"),
    "CloudFront, 10,000 requests": (0.012, "3 October 2026"),
    "CloudFront, million calls of a function": (0.10, "3 October 2026"),
    "WAF, web ACL with four rules": (9.00, "guides of 2026"),
    "WAF, million requests": (0.60, "guides of 2026"),
}
PRICES = {name: price for name, (price, _) in LISTS.items()}
FREE = {
    "Lambda requests": 1e6,
    "Lambda GB seconds": 400e3,
    "SQS requests": 1e6,
    "dashboards": 3,
    "log GB": 5,
    "KMS requests": 20e3,
    "data GB": 100,
    "CDN GB": 1000,
    "CDN requests": 10e6,
    "CDN functions": 2e6,
}
# Kinds of resources, and the line of the estimate that has their cost; or why they have none.
LINE_OF = {
    "AWS::ApiGatewayV2::Api": "API Gateway",
    "AWS::Lambda::Function": "Lambda",
    "AWS::DynamoDB::Table": "DynamoDB, units",
    "AWS::SQS::Queue": "queues, objects written",
    "AWS::SES::ConfigurationSet": "mail",
    "AWS::S3::Bucket": "queues, objects written",
    "AWS::Logs::LogGroup": "logs",
    "AWS::CloudWatch::Alarm": "alarms, dashboard",
    "AWS::CloudWatch::Dashboard": "alarms, dashboard",
    "AWS::CloudFront::Distribution": "CloudFront, WAF",
    "AWS::CloudFront::Function": "CloudFront, WAF",
    "AWS::WAFv2::WebACL": "CloudFront, WAF",
}
WITHOUT_COST = {
    "AWS::ApiGatewayV2::Integration": "part of the API",
    "AWS::ApiGatewayV2::Route": "part of the API",
    "AWS::ApiGatewayV2::Stage": "part of the API",
    "AWS::ApiGatewayV2::DomainName": "free; a certificate too",
    "AWS::ApiGatewayV2::ApiMapping": "part of the API",
    "AWS::Budgets::Budget": "free without actions",
    "AWS::CloudFront::CachePolicy": "part of the CDN",
    "AWS::CloudFront::OriginAccessControl": "part of the CDN",
    "AWS::CloudFront::ResponseHeadersPolicy": "part of the CDN",
    "AWS::Events::Rule": "schedules are free",
    "AWS::IAM::Role": "free",
    "AWS::Lambda::EventInvokeConfig": "part of its function",
    "AWS::Lambda::EventSourceMapping": "part of its function; reads of streams by Lambda are free",
    "AWS::Lambda::LayerVersion": "part of its function",
    "AWS::Lambda::Permission": "part of its function",
    "AWS::Route53::RecordSet": "aliases are free; the zone is not ours",
    "AWS::S3::BucketPolicy": "part of its bucket",
    "AWS::SES::ConfigurationSetEventDestination": "part of its configuration set",
    "AWS::SNS::Subscription": "the first 1,000 mails a month are free",
    "AWS::SNS::Topic": "the first million requests a month are free",
    "AWS::SNS::TopicPolicy": "part of its topic",
    "AWS::SQS::QueuePolicy": "part of its queue",
}
