// Signatures of Standard Webhooks 1.0: proof to the receiver that the body is ours and fresh.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"

namespace tocsin::daemon {

// The bytes of a secret as people exchange it: "whsec_" and base64 of 24 to 64 bytes. nullopt for anything
// else.
[[nodiscard]] std::optional<std::string> WebhookKey(std::string_view secret);

// The value of the header `webhook-signature`: one signature for each key, so that a receiver with the old
// key and one with the new key are both content while keys change. `sent_at` is that of the attempt.
// REQUIRES: `id` holds no full stop.
[[nodiscard]] std::string WebhookSignature(std::string_view id, Timestamp sent_at, std::string_view body,
                                           std::span<const std::string> keys);

// The value of the header `webhook-timestamp`.
[[nodiscard]] std::string WebhookTimestamp(Timestamp sent_at);

}  // namespace tocsin::daemon
