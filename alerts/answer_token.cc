#include "alerts/answer_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <optional>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"

namespace tocsin::alerts {
namespace {

constexpr uint8_t kVersion = 2;
constexpr uint8_t kWithoutLocale = 1;
constexpr size_t kMacBytes = 32;
constexpr size_t kTokenMax = 1024;
constexpr size_t kNoticeIdText = 32;
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using Key = std::array<unsigned char, kMacBytes>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Key Hmac(std::string_view secret, std::string_view text) {
  Key mac{};
  unsigned int size = 0;
  CHECK(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), Bytes(text), text.size(),
             mac.data(), &size) != nullptr);
  CHECK(size == mac.size());
  return mac;
}

// One key for each use of the secret.
Key Derive(std::string_view secret, std::string_view use) { return Hmac(secret, use); }

std::string_view View(const Key& key) { return {reinterpret_cast<const char*>(key.data()), key.size()}; }

// Seals and unseals: the same operation twice is nothing.
std::string Seal(std::string_view text, std::string_view notice_id, std::string_view secret) {
  const Key key = Derive(secret, "tocsin answer account");
  const Key nonce = Hmac(View(key), notice_id);  // Its first 16 bytes.
  EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
  CHECK(context != nullptr);
  std::string sealed(text.size(), '\0');
  int size = 0;
  CHECK(EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), nullptr, key.data(), nonce.data()) == 1);
  if (!text.empty()) {
    CHECK(EVP_EncryptUpdate(context, reinterpret_cast<unsigned char*>(sealed.data()), &size, Bytes(text),
                            static_cast<int>(text.size())) == 1);
  }
  EVP_CIPHER_CTX_free(context);
  return sealed;
}

std::string ToBase64Url(std::string_view bytes) {
  std::string out;
  uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<uint8_t>(c);
    for (held += 8; held >= 6; held -= 6) out += kAlphabet[bits >> (held - 6) & 0x3f];
  }
  if (held > 0) out += kAlphabet[bits << (6 - held) & 0x3f];
  return out;
}

// Only the canonical form: a changed last character that decodes to the same bytes is another token.
std::optional<std::string> FromBase64Url(std::string_view text) {
  std::string out;
  uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xff);
    }
  }
  if (ToBase64Url(out) != text) return std::nullopt;
  return out;
}

Error NotOurs() { return {ErrorCode::kInvalid, "token", "not a token of ours"}; }

Key MacOf(std::string_view fields, std::string_view secret) {
  return Hmac(View(Derive(secret, "tocsin answer mac")), fields);
}

// Of an event that only who has the secret can name.
std::string IdOf(std::string_view use, std::string_view cause, std::string_view secret) {
  const Key id = Hmac(View(Derive(secret, use)), cause);
  Hash128 first;
  for (size_t i = 0; i < 8; ++i) {
    first.high = first.high << 8U | id[i];
    first.low = first.low << 8U | id[8 + i];
  }
  return ToHex(first);
}

// Genuine, and perhaps too old.
Result<AnswerClaim> Open(std::string_view token, std::span<const AnswersConfig> configs) {
  if (token.size() > kTokenMax) return NotOurs();
  const std::optional<std::string> bytes = FromBase64Url(token);
  if (!bytes || bytes->size() <= kMacBytes) return NotOurs();
  const std::string_view fields = std::string_view(*bytes).substr(0, bytes->size() - kMacBytes);
  const std::string_view mac = std::string_view(*bytes).substr(fields.size());

  ByteReader reader(fields);
  const uint8_t version = reader.Byte();
  const std::string_view key_id = reader.String();
  const AnswersConfig* signed_by = nullptr;
  for (const AnswersConfig& config : configs) {
    if (config.key.empty()) continue;
    const Key expected = MacOf(fields, config.key);
    // One key may be there under two ids.
    if (CRYPTO_memcmp(expected.data(), mac.data(), kMacBytes) == 0 && config.key_id == key_id)
      signed_by = &config;
  }
  if (signed_by == nullptr) return NotOurs();

  AnswerClaim claim;
  claim.signed_by = static_cast<size_t>(signed_by - configs.data());
  claim.notice_id = reader.String();
  claim.verdict = static_cast<schemas::FeedbackVerdict>(reader.Byte());
  const int64_t expires = reader.Signed();
  const std::string_view audience = reader.String();
  const std::string_view sealed = reader.String();
  if (version != kWithoutLocale) claim.locale = reader.String();
  const bool verdict_known =
      claim.verdict == schemas::FeedbackVerdict::kMe || claim.verdict == schemas::FeedbackVerdict::kNotMe;
  if (!reader.ok() || !reader.AtEnd() || (version != kVersion && version != kWithoutLocale) ||
      audience != signed_by->audience || claim.notice_id.size() != kNoticeIdText || !verdict_known ||
      expires < 0 || expires > ToMillis(kTimestampMax) / 1000) {
    return NotOurs();
  }
  claim.account_id.Assign(Seal(sealed, claim.notice_id, signed_by->key));
  claim.expires_at = FromMillis(expires * 1000);
  return claim;
}

}  // namespace

std::string MakeAnswerToken(const AnswerClaim& claim, const AnswersConfig& config) {
  CHECK(!config.key.empty() && claim.notice_id.size() == kNoticeIdText);
  std::string fields;
  ByteWriter writer(fields);
  writer.Byte(kVersion);
  writer.String(config.key_id);
  writer.String(claim.notice_id);
  writer.Byte(static_cast<uint8_t>(claim.verdict));
  writer.Signed(std::chrono::floor<std::chrono::seconds>(claim.expires_at).time_since_epoch().count());
  writer.String(config.audience);
  writer.String(Seal(claim.account_id.view(), claim.notice_id, config.key));
  writer.String(claim.locale);
  return ToBase64Url(fields + std::string(View(MacOf(fields, config.key))));
}

Result<AnswerClaim> VerifyAnswerToken(std::string_view token, std::span<const AnswersConfig> configs,
                                      Timestamp now) {
  Result<AnswerClaim> claim = Open(token, configs);
  if (claim && now >= claim->expires_at) return Error{ErrorCode::kNotFound, "token", "expired"};
  return claim;
}

std::string AnswerId(const AnswerClaim& claim, std::string_view said, std::string_view secret) {
  return IdOf("tocsin answer event", claim.notice_id + " " + std::string(said), secret);
}

std::string OutcomeId(std::string_view case_id, std::string_view verdict, int64_t number,
                      std::string_view secret) {
  const std::string cause = std::string(case_id) + " " + std::string(verdict) + " " + std::to_string(number);
  return IdOf("tocsin outcome event", cause, secret);
}

std::string LocaleOfAnswerToken(std::string_view token, std::span<const AnswersConfig> configs) {
  const Result<AnswerClaim> claim = Open(token, configs);
  return claim ? claim->locale : std::string();
}

}  // namespace tocsin::alerts
