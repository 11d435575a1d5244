#include "daemon/config/key_builder.h"

namespace tocsin::daemon {

const std::vector<Key>& Keys() {
  static const std::vector<Key> keys = [] {
    KeyBuilder builder;
    AddTransportKeys(builder);
    AddDatabaseKeys(builder);
    AddDetectorKeys(builder);
    AddAlertKeys(builder);
    AddDeliveryKeys(builder);
    return std::move(builder.keys);
  }();
  return keys;
}

}  // namespace tocsin::daemon
