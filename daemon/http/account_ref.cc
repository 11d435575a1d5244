#include "daemon/http/account_ref.h"

#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <filesystem>

#include "daemon/store/small_file.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;
constexpr size_t kKeyBytes = 32;

}  // namespace

Result<AccountRefs> AccountRefs::Open(const std::string& directory) {
  const std::string path = (fs::path(directory) / "account-ref.key").string();
  Result<std::string> held = ReadBoundedFile(path, kKeyBytes);
  // One that is there and cannot be read is not replaced: what the audit log says of accounts would lose its
  // meaning.
  if (!held && held.error().code != ErrorCode::kNotFound) return held.error();
  if (held) {
    if (held->size() == kKeyBytes) return AccountRefs(*std::move(held));
    return Error{ErrorCode::kCorrupt, path,
                 "has " + std::to_string(held->size()) + " bytes instead of " + std::to_string(kKeyBytes) +
                     ": put it back from a backup, or remove it; accounts then have other names in the audit "
                     "log from now on"};
  }
  std::array<unsigned char, kKeyBytes> made{};
  if (RAND_bytes(made.data(), static_cast<int>(made.size())) != 1)
    return Error{ErrorCode::kUnavailable, path, "there is no randomness to make a key of"};
  const std::string key(made.begin(), made.end());
  std::error_code error;
  fs::create_directories(directory, error);
  if (Result<Done> written = ReplaceSmallFile(path, key); !written) return written.error();
  return AccountRefs(key);
}

std::string AccountRefs::Of(std::string_view account) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(account.data()), account.size(), digest.data(),
       &size);  // NOLINT: bytes.
  std::string ref;
  for (size_t i = 0; i < 8; ++i) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    ref += kDigits[digest[i] >> 4U];
    ref += kDigits[digest[i] & 15U];
  }
  return ref;
}

}  // namespace tocsin::daemon
