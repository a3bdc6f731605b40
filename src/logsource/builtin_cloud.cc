// Clouds, identity providers and hosted services.

#include "src/logsource/builtin_table.h"

namespace tocsin::logsource {
namespace {

constexpr Rename kOcsfCloudTrail[] = {
    {"api.operation", "eventName"},
    {"api.service.name", "eventSource"},
    {"api.response.error", "errorCode"},
    {"api.response.message", "errorMessage"},
    {"http_request.user_agent", "userAgent"},
    {"src_endpoint.ip", "sourceIPAddress"},
    {"cloud.region", "awsRegion"},
    {"actor.user.type", "userIdentity.type"},
};
constexpr Rename kEventBridge[] = {
    {"detail.eventSource", "eventSource"},
    {"detail.eventName", "eventName"},
    {"detail.eventType", "eventType"},
    {"detail.awsRegion", "awsRegion"},
    {"detail.sourceIPAddress", "sourceIPAddress"},
    {"detail.userAgent", "userAgent"},
    {"detail.errorCode", "errorCode"},
    {"detail.errorMessage", "errorMessage"},
    {"detail.userIdentity.type", "userIdentity.type"},
    {"detail.userIdentity.arn", "userIdentity.arn"},
    {"detail.requestParameters", "requestParameters"},
    {"detail.responseElements.ConsoleLogin", "responseElements.ConsoleLogin"},
};

// Azure writes one record in three ways: through diagnostic settings
// (lower-camel, most of it under `properties`), through Graph and the REST API
// (lower-camel, flat), and as tables of a Log Analytics workspace
// (upper-camel).
constexpr Rename kAzureActivityRest[] = {
    {"operationName.value", "operationName"},
    {"operationName.value", "OperationNameValue"},
    {"category.value", "CategoryValue"},
    {"resourceProviderName.value", "ResourceProviderValue"},
    {"resourceId", "ResourceId"},
};
constexpr Rename kAzureActivityDiagnostic[] = {
    {"operationName", "OperationNameValue"},
    {"category", "CategoryValue"},
    {"resourceId", "ResourceId"},
    {"operationName", "properties.message"},
};
constexpr Rename kAzureActivityTable[] = {
    {"OperationNameValue", "operationName"},
    {"_ResourceId", "ResourceId"},
    {"OperationNameValue", "properties.message"},
};
constexpr Rename kAzureAuditDiagnostic[] = {
    {"properties.activityDisplayName", "properties.message"},
    {"operationName", "properties.message"},
    {"properties.activityDisplayName", "ActivityDisplayName"},
    {"operationName", "OperationName"},
    {"properties.category", "Category"},
    {"properties.loggedByService", "LoggedByService"},
    {"properties.result", "Status"},
    {"properties.targetResources.modifiedProperties",
     "TargetResources.modifiedProperties"},
    {"properties.targetResources.modifiedProperties.displayName",
     "TargetResources.ModifiedProperties.DisplayName"},
    {"properties.targetResources.modifiedProperties.newValue",
     "TargetResources.ModifiedProperties.NewValue"},
};
constexpr Rename kAzureAuditGraph[] = {
    {"activityDisplayName", "operationName"},
    {"activityDisplayName", "OperationName"},
    {"activityDisplayName", "ActivityDisplayName"},
    {"activityDisplayName", "properties.message"},
    {"category", "Category"},
    {"loggedByService", "LoggedByService"},
    {"result", "Status"},
    {"initiatedBy", "properties.initiatedBy"},
    {"targetResources", "properties.targetResources"},
    {"targetResources.modifiedProperties",
     "TargetResources.modifiedProperties"},
    {"targetResources.modifiedProperties.displayName",
     "TargetResources.ModifiedProperties.DisplayName"},
    {"targetResources.modifiedProperties.newValue",
     "TargetResources.ModifiedProperties.NewValue"},
};
constexpr Rename kAzureAuditTable[] = {
    {"OperationName", "operationName"},
    {"ActivityDisplayName", "properties.message"},
    {"OperationName", "properties.message"},
    {"Category", "category"},
    {"Result", "Status"},
    {"InitiatedBy", "properties.initiatedBy"},
    {"TargetResources", "properties.targetResources"},
    {"TargetResources.modifiedProperties.displayName",
     "TargetResources.ModifiedProperties.DisplayName"},
    {"TargetResources.modifiedProperties.newValue",
     "TargetResources.ModifiedProperties.NewValue"},
};
constexpr Rename kAzureSigninDiagnostic[] = {
    {"resultType", "ResultType"},
    {"resultDescription", "ResultDescription"},
    {"properties.authenticationRequirement", "AuthenticationRequirement"},
    {"properties.deviceDetail.trustType", "DeviceDetail.trusttype"},
    {"properties.homeTenantId", "homeTenantId"},
    {"properties.userAgent", "userAgent"},
    {"properties.status.failureReason", "properties.message"},
};
constexpr Rename kAzureSigninGraph[] = {
    {"status.errorCode", "ResultType"},
    {"status.errorCode", "resultType"},
    {"status.failureReason", "ResultDescription"},
    {"status.failureReason", "properties.message"},
    {"authenticationRequirement", "AuthenticationRequirement"},
    {"authenticationRequirement", "properties.authenticationRequirement"},
    {"deviceDetail.trustType", "DeviceDetail.trusttype"},
    {"deviceDetail.deviceId", "properties.deviceDetail.deviceId"},
    {"appId", "properties.appId"},
    {"ipAddress", "callerIpAddress"},
    {"location.countryOrRegion", "location"},
};
constexpr Rename kAzureSigninTable[] = {
    {"ResultType", "resultType"},
    {"ResultDescription", "properties.message"},
    {"AuthenticationRequirement", "properties.authenticationRequirement"},
    {"DeviceDetail.trustType", "DeviceDetail.trusttype"},
    {"DeviceDetail.deviceId", "properties.deviceDetail.deviceId"},
    {"AppId", "properties.appId"},
    {"IPAddress", "callerIpAddress"},
    {"Location", "location"},
    {"UserAgent", "userAgent"},
    {"HomeTenantId", "homeTenantId"},
};
constexpr Rename kAzureRisk[] = {
    {"properties.riskEventType", "riskEventType"},
    {"RiskEventType", "riskEventType"},
};

constexpr Rename kOfficeAudit[] = {
    {"Workload", "eventSource"},
    {"Operation", "eventName"},
    {"ResultStatus", "status"},
};
constexpr Rename kOfficeTable[] = {
    {"OfficeWorkload", "Workload"},
    {"OfficeWorkload", "eventSource"},
    {"Operation", "eventName"},
    {"ResultStatus", "status"},
};
constexpr Rename kCloudAppEvents[] = {
    {"RawEventData.Workload", "Workload"},
    {"RawEventData.Workload", "eventSource"},
    {"RawEventData.Operation", "Operation"},
    {"RawEventData.Operation", "eventName"},
    {"RawEventData.Parameters", "Parameters"},
    {"RawEventData.ResultStatus", "ResultStatus"},
    {"RawEventData.ResultStatus", "status"},
    {"RawEventData.ObjectId", "ObjectId"},
};

// Rules name Google Cloud's fields as Filebeat does, or with the `data` that
// Pub/Sub wraps around an entry.
constexpr Rename kGcpAudit[] = {
    {"protoPayload.methodName", "gcp.audit.method_name"},
    {"protoPayload.methodName", "data.protoPayload.methodName"},
    {"protoPayload.serviceName", "data.protoPayload.serviceName"},
    {"protoPayload.authorizationInfo.permission",
     "data.protoPayload.authorizationInfo.permission"},
    {"protoPayload.authorizationInfo.granted",
     "data.protoPayload.authorizationInfo.granted"},
    {"resource.type", "data.protoPayload.resource.type"},
    {"logName", "data.protoPayload.logName"},
};
constexpr Rename kGcpPubSub[] = {
    {"data.protoPayload.methodName", "gcp.audit.method_name"},
    {"data.resource.type", "data.protoPayload.resource.type"},
    {"data.logName", "data.protoPayload.logName"},
};
constexpr Rename kWorkspaceEntry[] = {
    {"protoPayload.serviceName", "eventService"},
    {"protoPayload.metadata.event.eventName", "eventName"},
};
constexpr Rename kWorkspaceReport[] = {
    {"events.name", "eventName"},
    {"events.name", "protoPayload.metadata.event.eventName"},
};

constexpr Rename kKubernetesAudit[] = {
    {"objectRef.apiGroup", "apiGroup"},
    {"requestObject.spec.volumes.hostPath.path", "hostPath"},
    {"requestObject.spec.containers.securityContext.capabilities.add",
     "capabilities"},
};

constexpr Recognizer kAws[] = {
    {.name = "AWS CloudTrail record",
     .when = {{"eventSource", Test::kEndsWith, ".amazonaws.com"},
              {"eventName"}},
     .sources = {.products = {"aws"}, .services = {"cloudtrail"}},
     .example =
         R"({"eventSource":"iam.amazonaws.com","eventName":"CreateUser"})"},
    {.name = "AWS CloudTrail record of any source",
     // Notifications of S3, Kinesis and DynamoDB have the first three as well.
     .when = {{"eventVersion"},
              {"awsRegion"},
              {"eventName"},
              {"eventType|userIdentity.type"}},
     .sources = {.products = {"aws"}, .services = {"cloudtrail"}},
     .example = R"({"eventVersion":"1.08","awsRegion":"us-east-1",)"
                R"("eventName":"CreateUser","eventType":"AwsApiCall"})"},
    {.name = "AWS CloudTrail through EventBridge",
     .when = {{"detail.eventSource", Test::kEndsWith, ".amazonaws.com"},
              {"detail.eventName"}},
     .sources = {.products = {"aws"},
                 .services = {"cloudtrail"},
                 .renames = kEventBridge},
     .example = R"({"detail-type":"AWS API Call via CloudTrail","detail":)"
                R"({"eventSource":"iam.amazonaws.com",)"
                R"("eventName":"CreateUser"}})"},
    {.name = "AWS GuardDuty finding",
     .when = {{"schemaVersion|detail.schemaVersion"},
              {"service.serviceName|detail.service.serviceName", Test::kEquals,
               "guardduty"}},
     .sources = {.products = {"aws"}, .services = {"guardduty"}},
     .example = R"({"schemaVersion":"2.0",)"
                R"("service":{"serviceName":"guardduty"}})"},

    {.name = "AWS CloudTrail in OCSF",
     .when = {{"class_uid"},
              {"metadata.product.name", Test::kEquals, "CloudTrail"},
              {"api.operation"}},
     .sources = {.products = {"aws"},
                 .services = {"cloudtrail"},
                 .renames = kOcsfCloudTrail},
     .example = R"({"class_uid":6003,"api":{"operation":"CreateUser"},)"
                R"("metadata":{"product":{"name":"CloudTrail"}}})"},
};

constexpr Recognizer kMicrosoft[] = {
    {.name = "Azure activity log, diagnostic settings",
     .when = {{"operationName", Test::kStartsWith, "Microsoft."},
              {"category", Test::kEquals,
               "Administrative|Policy|Security|ServiceHealth|ResourceHealth|"
               "Alert|Autoscale|Recommendation|Write|Delete|Action"}},
     .sources = {.products = {"azure"},
                 .services = {"activitylogs"},
                 .renames = kAzureActivityDiagnostic},
     .example = R"({"operationName":"MICROSOFT.KEYVAULT/VAULTS/WRITE",)"
                R"("category":"Administrative"})"},
    {.name = "Azure activity log, REST API",
     .when = {{"operationName.value"}, {"subscriptionId"}},
     .sources = {.products = {"azure"},
                 .services = {"activitylogs"},
                 .renames = kAzureActivityRest},
     .example = R"({"operationName":{"value":"Microsoft.Compute/a/write"},)"
                R"("subscriptionId":"0"})"},
    {.name = "Azure activity log, table AzureActivity",
     .when = {{"OperationNameValue"}, {"CategoryValue"}},
     .sources = {.products = {"azure"},
                 .services = {"activitylogs"},
                 .renames = kAzureActivityTable},
     .example = R"({"OperationNameValue":"MICROSOFT.COMPUTE/A/WRITE",)"
                R"("CategoryValue":"Administrative"})"},
    {.name = "Entra audit log, diagnostic settings",
     .when = {{"category", Test::kEquals, "AuditLogs"}, {"operationName"}},
     .sources = {.products = {"azure"},
                 .services = {"auditlogs"},
                 .renames = kAzureAuditDiagnostic},
     .example = R"({"category":"AuditLogs","operationName":"Add user"})"},
    {.name = "Entra audit log, Graph",
     .when = {{"activityDisplayName"}, {"loggedByService"}},
     .sources = {.products = {"azure"},
                 .services = {"auditlogs"},
                 .renames = kAzureAuditGraph},
     .example = R"({"activityDisplayName":"Add user",)"
                R"("loggedByService":"Core Directory"})"},
    {.name = "Entra audit log, table AuditLogs",
     .when = {{"OperationName"}, {"LoggedByService"}},
     .sources = {.products = {"azure"},
                 .services = {"auditlogs"},
                 .renames = kAzureAuditTable},
     .example = R"({"OperationName":"Add user",)"
                R"("LoggedByService":"Core Directory"})"},
    {.name = "Entra sign-in log, diagnostic settings",
     .when = {{"category", Test::kEquals,
               "SignInLogs|NonInteractiveUserSignInLogs|"
               "ServicePrincipalSignInLogs|ManagedIdentitySignInLogs|"
               "ADFSSignInLogs"}},
     .sources = {.products = {"azure"},
                 .services = {"signinlogs"},
                 .renames = kAzureSigninDiagnostic},
     .example = R"({"category":"SignInLogs","resultType":"50126"})"},
    {.name = "Entra sign-in log, Graph",
     .when = {{"userPrincipalName"}, {"appId"}, {"conditionalAccessStatus"}},
     .sources = {.products = {"azure"},
                 .services = {"signinlogs"},
                 .renames = kAzureSigninGraph},
     .example = R"({"userPrincipalName":"kim@example.com","appId":"0",)"
                R"("conditionalAccessStatus":"success"})"},
    {.name = "Entra sign-in log, table SigninLogs",
     .when = {{"ResultType"}, {"UserPrincipalName"}, {"AppDisplayName"}},
     .sources = {.products = {"azure"},
                 .services = {"signinlogs"},
                 .renames = kAzureSigninTable},
     .example = R"({"ResultType":"0","UserPrincipalName":"kim@example.com",)"
                R"("AppDisplayName":"Portal"})"},
    {.name = "Entra risk detection",
     .when = {{"riskEventType|properties.riskEventType|RiskEventType"},
              {"riskEventType|properties.riskEventType|RiskEventType",
               Test::kNotContains, "Alert"}},
     .sources = {.products = {"azure"},
                 .services = {"riskdetection"},
                 .renames = kAzureRisk},
     .example = R"({"riskEventType":"unlikelyTravel"})"},
    {.name = "Entra Privileged Identity Management alert",
     .when = {{"riskEventType|properties.riskEventType|RiskEventType",
               Test::kContains, "Alert"}},
     .sources = {.products = {"azure"},
                 .services = {"pim"},
                 .renames = kAzureRisk},
     .example = R"({"riskEventType":"staleSignInAlertIncident"})"},

    {.name = "Microsoft 365 audit record",
     .when = {{"Workload"}, {"Operation"}, {"RecordType|OrganizationId"}},
     .sources = {.products = {"m365"},
                 .services = {"audit"},
                 .renames = kOfficeAudit},
     .example = R"({"Workload":"AzureActiveDirectory","Operation":"Add user.",)"
                R"("RecordType":8})"},
    {.name = "Microsoft 365 audit record of Exchange",
     .when = {{"Workload|OfficeWorkload|RawEventData.Workload", Test::kEquals,
               "Exchange"},
              {"Operation|RawEventData.Operation"}},
     .sources = {.products = {"m365"}, .services = {"exchange"}},
     .example = R"({"Workload":"Exchange","Operation":"New-InboxRule",)"
                R"("RecordType":1})"},
    {.name = "Microsoft 365 audit record of the compliance center",
     .when = {{"Workload|OfficeWorkload|RawEventData.Workload", Test::kEquals,
               "SecurityComplianceCenter|ThreatIntelligence"},
              {"Operation|RawEventData.Operation"}},
     .sources = {.products = {"m365"},
                 .services = {"threat_management", "threat_detection"}},
     .example = R"({"Workload":"SecurityComplianceCenter",)"
                R"("Operation":"AlertTriggered","RecordType":40})"},
    {.name = "Microsoft 365, table OfficeActivity",
     .when = {{"OfficeWorkload"}, {"Operation"}},
     .sources = {.products = {"m365"},
                 .services = {"audit"},
                 .renames = kOfficeTable},
     .example = R"({"OfficeWorkload":"OneDrive","Operation":"FileDeleted"})"},
    {.name = "Microsoft 365, table CloudAppEvents",
     .when = {{"RawEventData.Workload"}, {"RawEventData.Operation"}},
     .sources = {.products = {"m365"},
                 .services = {"audit"},
                 .renames = kCloudAppEvents},
     .example = R"({"RawEventData":{"Workload":"OneDrive",)"
                R"("Operation":"FileDeleted"}})"},
    {.name = "Microsoft 365, other application of CloudAppEvents",
     .when =
         {{"ActionType"}, {"Application"}, {"AccountObjectId"}, {"ReportId"}},
     .sources = {.products = {"m365"}},
     .example = R"({"ActionType":"LogonSuccess","Application":"A",)"
                R"("AccountObjectId":"0","ReportId":"0"})"},
};

constexpr Recognizer kGoogle[] = {
    {.name = "Google Cloud audit log",
     .when = {{"protoPayload.methodName"},
              {"protoPayload.serviceName"},
              {"logName", Test::kContains, "cloudaudit.googleapis.com"}},
     .sources = {.products = {"gcp"},
                 .services = {"gcp.audit"},
                 .renames = kGcpAudit},
     .example = R"({"logName":)"
                R"("projects/a/logs/cloudaudit.googleapis.com%2Factivity",)"
                R"("protoPayload":{"methodName":"storage.buckets.delete",)"
                R"("serviceName":"storage.googleapis.com"}})"},
    {.name = "Google Cloud audit log, payload only",
     .when = {{"protoPayload.@type", Test::kEndsWith,
               "google.cloud.audit.AuditLog"}},
     .sources = {.products = {"gcp"},
                 .services = {"gcp.audit"},
                 .renames = kGcpAudit},
     .example = R"({"protoPayload":{"@type":)"
                R"("type.googleapis.com/google.cloud.audit.AuditLog",)"
                R"("methodName":"a"}})"},
    {.name = "Google Cloud audit log through Pub/Sub",
     .when = {{"data.protoPayload.methodName|data.protoPayload.serviceName|"
               "data.protoPayload.logName"}},
     .sources = {.products = {"gcp"},
                 .services = {"gcp.audit"},
                 .renames = kGcpPubSub},
     .example = R"({"data":{"protoPayload":{"methodName":"a"}}})"},
    {.name = "Google Workspace admin, audit log",
     .when = {{"protoPayload.serviceName|eventService", Test::kEquals,
               "admin.googleapis.com"}},
     .sources = {.products = {"gcp"},
                 .services = {"google_workspace.admin"},
                 .renames = kWorkspaceEntry},
     .example = R"({"protoPayload":{"serviceName":"admin.googleapis.com"}})"},
    {.name = "Google Workspace login, audit log",
     .when = {{"protoPayload.serviceName|protoPayload.Servicename|eventService",
               Test::kEquals, "login.googleapis.com"}},
     .sources = {.products = {"gcp"},
                 .services = {"google_workspace.login"},
                 .renames = kWorkspaceEntry},
     .example = R"({"protoPayload":{"serviceName":"login.googleapis.com"}})"},
    {.name = "Google Workspace admin, Reports API",
     .when = {{"kind", Test::kEquals, "admin#reports#activity"},
              {"id.applicationName", Test::kEquals, "admin"}},
     .sources = {.products = {"gcp"},
                 .services = {"google_workspace.admin"},
                 .renames = kWorkspaceReport},
     .example = R"({"kind":"admin#reports#activity",)"
                R"("id":{"applicationName":"admin"}})"},
    {.name = "Google Workspace login, Reports API",
     .when = {{"kind", Test::kEquals, "admin#reports#activity"},
              {"id.applicationName", Test::kEquals, "login"}},
     .sources = {.products = {"gcp"},
                 .services = {"google_workspace.login"},
                 .renames = kWorkspaceReport},
     .example = R"({"kind":"admin#reports#activity",)"
                R"("id":{"applicationName":"login"}})"},
};

constexpr Recognizer kServices[] = {
    {.name = "Okta System Log",
     .when = {{"eventType"},
              {"actor.alternateId|actor.displayName|legacyEventType"},
              {"debugContext|securityContext|outcome.result|displayMessage"}},
     .sources = {.products = {"okta"}, .services = {"okta"}},
     .example = R"({"eventType":"user.session.start","displayMessage":"a",)"
                R"("actor":{"alternateId":"kim@example.com"}})"},
    {.name = "OneLogin event",
     .when = {{"event_type_id"}, {"account_id|actor_user_id|user_id|uuid"}},
     .sources = {.products = {"onelogin"}, .services = {"onelogin.events"}},
     .example = R"({"event_type_id":5,"account_id":1})"},
    {.name = "Cisco Duo",
     .when = {{"event_type"}, {"reason|factor"}, {"txid|access_device"}},
     .sources = {.products = {"cisco"}, .services = {"duo"}},
     .example = R"({"event_type":"authentication","reason":"user_approved",)"
                R"("txid":"0"})"},
    {.name = "GitHub audit log",
     .when = {{"action", Test::kContains, "."},
              {"actor"},
              {"_document_id|org|org_id|business|business_id|actor_location"}},
     .sources = {.products = {"github"}, .services = {"audit"}},
     .example = R"({"action":"repo.create","actor":"kim","org":"example"})"},
    {.name = "Bitbucket audit log",
     .when = {{"auditType.category"}, {"auditType.action"}},
     .sources = {.products = {"bitbucket"}, .services = {"audit"}},
     .example = R"({"auditType":{"category":"Users","action":"Created"}})"},
    {.name = "Kubernetes audit log",
     .when = {{"apiVersion", Test::kStartsWith, "audit.k8s.io/"}, {"verb"}},
     .sources = {.products = {"kubernetes"},
                 .categories = {"application"},
                 .services = {"audit"},
                 .renames = kKubernetesAudit},
     .example = R"({"apiVersion":"audit.k8s.io/v1","verb":"create"})"},
    {.name = "Kubernetes audit log without a version",
     .when = {{"verb"}, {"auditID"}, {"requestURI|objectRef.resource"}},
     .sources = {.products = {"kubernetes"},
                 .categories = {"application"},
                 .services = {"audit"},
                 .renames = kKubernetesAudit},
     .example = R"({"verb":"get","auditID":"0","requestURI":"/api"})"},
    {.name = "Qualys host scan",
     .when = {{"host.scan.vuln|host.scan.vuln_name"}},
     .sources = {.products = {"qualys"}},
     .example = R"({"host":{"scan":{"vuln":10693}}})"},
};

}  // namespace

std::span<const Recognizer> AwsRows() { return kAws; }
std::span<const Recognizer> MicrosoftRows() { return kMicrosoft; }
std::span<const Recognizer> GoogleRows() { return kGoogle; }
std::span<const Recognizer> ServiceRows() { return kServices; }

}  // namespace tocsin::logsource
