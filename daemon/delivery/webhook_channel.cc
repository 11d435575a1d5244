#include "daemon/delivery/webhook_channel.h"

#include "base/json_writer.h"
#include "daemon/delivery/webhook_signature.h"

namespace tocsin::daemon {
namespace {

std::string TypeOf(const Parcel& parcel) {
  if (parcel.kind == ParcelKind::kNotice) return "tocsin.notice.v1";
  return parcel.unreached ? "tocsin.unreached.v1" : "tocsin.ticket.v1";
}

}  // namespace

std::string WebhookBody(const Parcel& parcel) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Member("type", TypeOf(parcel)).Member("timestamp", parcel.occurred_at);
  json.Key("data").Raw(parcel.json).EndObject();
  return body;
}

SendOutcome OutcomeOfHttp(const Result<HttpAnswer>& answer) {
  if (!answer) return SendOutcome::Retry(answer.error().field);
  const int status = answer->status;
  const std::string reason = "http_" + std::to_string(status);
  if (status >= 200 && status < 300) return SendOutcome::Delivered();
  // The endpoint is gone, or says that the request will never be right. 401, 403 and 404 are what a receiver
  // says whose set-up is not finished: they are tried again, as are redirects, which are never followed.
  if (status == 410 || status == 400 || status == 413 || status == 415 || status == 422)
    return SendOutcome::Refused(reason);
  return SendOutcome::Retry(reason, answer->retry_after);
}

WebhookChannel::WebhookChannel(const WebhookConfig& config, HttpClientOptions options)
    : config_(config), client_([&] {
        options.ca_file = config.ca;
        options.allow_private = config.allow_private;
        return std::move(options);
      }()) {}

SendOutcome WebhookChannel::Send(const Parcel& parcel, Timestamp now) {
  HttpCall call{.url = config_.url, .headers = {}, .body = WebhookBody(parcel), .status_only = true};
  call.headers = {{"Content-Type", "application/json"},
                  {"webhook-id", parcel.id},
                  {"webhook-timestamp", WebhookTimestamp(now)},
                  {"webhook-signature", WebhookSignature(parcel.id, now, call.body, config_.keys)},
                  {"ce-specversion", "1.0"},
                  {"ce-id", parcel.id},
                  {"ce-source", "tocsin"},
                  {"ce-type", TypeOf(parcel)},
                  {"ce-time", FormatRfc3339(parcel.occurred_at)}};
  return OutcomeOfHttp(client_.Do(call));
}

}  // namespace tocsin::daemon
