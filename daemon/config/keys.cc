#include "daemon/config/key_builder.h"
#include "daemon/config/rules_hash.h"

namespace tocsin::daemon {

const std::vector<Key>& Keys() {
  static const std::vector<Key> keys = [] {
    KeyBuilder builder;
    AddTransportKeys(builder);
    AddDatabaseKeys(builder);
    AddDetectorKeys(builder);
    AddAlertKeys(builder);
    AddDeliveryKeys(builder);
    // What a running daemon takes over is one rule, and not for a row to say.
    for (Key& key : builder.keys) key.reload = AppliesLive(key.path) ? Reload::kLive : Reload::kRestart;
    return std::move(builder.keys);
  }();
  return keys;
}

}  // namespace tocsin::daemon
