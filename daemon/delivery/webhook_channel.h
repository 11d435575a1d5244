// Notices and tickets to an address of the platform: Standard Webhooks 1.0, with the attributes of
// CloudEvents beside them, so that receivers of either kind read the same request.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/delivery/channel.h"
#include "daemon/delivery/delivery_config.h"
#include "daemon/delivery/http_client.h"
#include "schemas/event.h"

namespace tocsin::daemon {

// {"type":"tocsin.notice.v1","timestamp":"…","data":{…}}: the body for a parcel.
[[nodiscard]] std::string WebhookBody(const Parcel& parcel);
// What the receiver's answer means.
[[nodiscard]] SendOutcome OutcomeOfHttp(const Result<HttpAnswer>& answer);

class WebhookChannel final : public Channel {
 public:
  // `config` outlives the channel.
  WebhookChannel(const WebhookConfig& config, HttpClientOptions options);
  [[nodiscard]] SendOutcome Send(const Parcel& parcel, Timestamp now) override;

 private:
  const WebhookConfig& config_;
  HttpClient client_;
};

}  // namespace tocsin::daemon
