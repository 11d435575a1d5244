#include "schemas/finding.h"

#include <algorithm>

namespace tocsin::schemas {

std::string FindingId(std::string_view detector, const AccountId& account,
                      const std::vector<std::string>& cause, std::string_view discriminator,
                      std::string_view subject) {
  IdentityHash hash;
  hash.Add(detector).Add(account.view());
  if (!subject.empty()) return ToHex(hash.Add("subject").Add(subject).Add(discriminator).Finish());

  // Sorted, because two causes of one instant have no order of their own.
  std::vector<std::string_view> causes(cause.begin(), cause.end());
  std::sort(causes.begin(), causes.end());

  hash.Add(static_cast<int64_t>(causes.size()));
  for (const std::string_view id : causes) hash.Add(id);
  hash.Add(discriminator);
  return ToHex(hash.Finish());
}

std::string FindingId(const AccountId& account, const Claim& claim) {
  return FindingId(claim.detector, account, claim.cause, claim.discriminator, claim.subject);
}

std::string FindingId(const AccountId& account, const Retraction& retraction) {
  return FindingId(retraction.detector, account, retraction.cause, retraction.discriminator,
                   retraction.subject);
}

}  // namespace tocsin::schemas
