// What records of clouds are in the Elastic Common Schema.

#include "src/logsource/ecs_tables.h"

namespace tocsin::logsource {
namespace {

using enum base::Derivation;

constexpr EcsField kCloudTrail[] = {
    {"event.kind", "", kValue, "event"},
    {"event.module", "", kValue, "aws"},
    {"event.dataset", "", kValue, "aws.cloudtrail"},
    {"data_stream.dataset", "", kValue, "aws.cloudtrail"},
    {"event.id", "eventID"},
    {"event.action", "eventName"},
    {"event.provider", "eventSource"},
    {"event.type", "", kValue, "info"},
    {"event.category", "eventSource", kSame, "",
     "iam.amazonaws.com=iam;signin.amazonaws.com=authentication;"
     "sts.amazonaws.com=authentication;config.amazonaws.com=configuration"},
    {"event.outcome", "responseElements.ConsoleLogin", kLower},
    {"event.outcome", "errorCode|errorMessage", kPresent, "failure|success"},
    {"cloud.provider", "", kValue, "aws"},
    {"cloud.region", "awsRegion"},
    {"cloud.account.id", "userIdentity.accountId|recipientAccountId"},
    {"user.name",
     "userIdentity.userName|userIdentity.sessionContext.sessionIssuer."
     "userName"},
    {"user.id", "userIdentity.principalId"},
    {"user.target.name", "requestParameters.userName"},
    {"group.name", "requestParameters.groupName"},
    {"user_agent.original", "userAgent"},
    {"source.address", "sourceIPAddress"},
    {"source.ip", "sourceIPAddress", kIp},
    {"tls.version", "tlsDetails.tlsVersion"},
    {"tls.cipher", "tlsDetails.cipherSuite"},
    {"tls.client.server_name", "tlsDetails.clientProvidedHostHeader"},
    {"aws.cloudtrail.event_version", "eventVersion"},
    {"aws.cloudtrail.event_type", "eventType"},
    {"aws.cloudtrail.event_category", "eventCategory"},
    {"aws.cloudtrail.error_code", "errorCode"},
    {"aws.cloudtrail.error_message", "errorMessage"},
    {"aws.cloudtrail.request_id", "requestID"},
    {"aws.cloudtrail.api_version", "apiVersion"},
    {"aws.cloudtrail.management_event", "managementEvent"},
    {"aws.cloudtrail.read_only", "readOnly"},
    {"aws.cloudtrail.recipient_account_id", "recipientAccountId"},
    {"aws.cloudtrail.shared_event_id", "sharedEventID"},
    {"aws.cloudtrail.vpc_endpoint_id", "vpcEndpointId"},
    {"aws.cloudtrail.session_credential_from_console",
     "sessionCredentialFromConsole"},
    {"aws.cloudtrail.resources.arn", "resources.ARN|resources.arn"},
    {"aws.cloudtrail.resources.account_id", "resources.accountId"},
    {"aws.cloudtrail.resources.type", "resources.type"},
    {"aws.cloudtrail.user_identity.type", "userIdentity.type"},
    {"aws.cloudtrail.user_identity.arn", "userIdentity.arn"},
    {"aws.cloudtrail.user_identity.access_key_id", "userIdentity.accessKeyId"},
    {"aws.cloudtrail.user_identity.invoked_by", "userIdentity.invokedBy"},
    {"aws.cloudtrail.user_identity.session_context.creation_date",
     "userIdentity.sessionContext.attributes.creationDate"},
    {"aws.cloudtrail.user_identity.session_context.mfa_authenticated",
     "userIdentity.sessionContext.attributes.mfaAuthenticated"},
    {"aws.cloudtrail.user_identity.session_context.session_issuer.type",
     "userIdentity.sessionContext.sessionIssuer.type"},
    {"aws.cloudtrail.user_identity.session_context.session_issuer.arn",
     "userIdentity.sessionContext.sessionIssuer.arn"},
    {"aws.cloudtrail.user_identity.session_context.session_issuer.principal_id",
     "userIdentity.sessionContext.sessionIssuer.principalId"},
    {"aws.cloudtrail.user_identity.session_context.session_issuer.account_id",
     "userIdentity.sessionContext.sessionIssuer.accountId"},
    {"aws.cloudtrail.console_login.additional_eventdata.mfa_used",
     "additionalEventData.MFAUsed", kSame, "", "Yes=true;No=false"},
    {"aws.cloudtrail.console_login.additional_eventdata.mobile_version",
     "additionalEventData.MobileVersion", kSame, "", "Yes=true;No=false"},
    {"aws.cloudtrail.console_login.additional_eventdata.login_to",
     "additionalEventData.LoginTo"},
    {"aws.cloudtrail.request_parameters", "requestParameters", kText},
    {"aws.cloudtrail.response_elements", "responseElements", kText},
    {"aws.cloudtrail.additional_eventdata", "additionalEventData", kText},
    {"aws.cloudtrail.flattened.request_parameters.*", "requestParameters.*"},
    {"aws.cloudtrail.flattened.response_elements.*", "responseElements.*"},
    {"aws.cloudtrail.flattened.additional_eventdata.*",
     "additionalEventData.*"},
};

constexpr EcsTable kTables[] = {
    {.name = "CloudTrail",
     .product = "aws",
     .service = "cloudtrail",
     .fields = kCloudTrail,
     .example =
         R"({"eventVersion":"1.08","eventSource":"iam.amazonaws.com",)"
         R"("eventName":"AttachUserPolicy","awsRegion":"us-east-1",)"
         R"("eventTime":"2026-01-15T10:20:30Z","errorCode":"AccessDenied",)"
         R"("sourceIPAddress":"192.0.2.1","userAgent":"example/1.0",)"
         R"("userIdentity":{"type":"IAMUser","userName":"kim"},)"
         R"("requestParameters":{"userName":"lee","list":["a",{"b":true}]}})",
     .example_fields =
         "event.outcome=failure\nevent.action=AttachUserPolicy\n"
         "event.provider=iam.amazonaws.com\nuser.name=kim\nsource.ip=192.0.2."
         "1\n"
         "aws.cloudtrail.request_parameters={userName=lee, list=[a, "
         "{b=true}]}\n"
         "aws.cloudtrail.flattened.request_parameters.userName=lee"},
};

}  // namespace

std::span<const EcsTable> EcsCloudTables() { return kTables; }

}  // namespace tocsin::logsource
