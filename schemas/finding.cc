#include "schemas/finding.h"

#include <algorithm>

namespace tocsin::schemas {

std::string FindingId(std::string_view detector, const AccountId& account,
                      const std::vector<std::string>& cause, std::string_view discriminator) {
  // Sorted, because two causes of one instant have no order of their own.
  std::vector<std::string_view> causes(cause.begin(), cause.end());
  std::sort(causes.begin(), causes.end());

  IdentityHash hash;
  hash.Add(detector).Add(account.view()).Add(static_cast<int64_t>(causes.size()));
  for (const std::string_view id : causes) hash.Add(id);
  hash.Add(discriminator);
  return ToHex(hash.Finish());
}

}  // namespace tocsin::schemas
