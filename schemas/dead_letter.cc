#include "schemas/dead_letter.h"

#include "base/hash.h"

namespace tocsin::schemas {

DeadLetter ToDeadLetter(const Record& record, const Rejection& rejection) {
  DeadLetter letter;
  letter.bytes = record.value;
  letter.headers.reserve(record.headers.size());
  for (const Header& header : record.headers) letter.headers.emplace_back(header.name, header.value);
  letter.key = record.key;
  letter.topic = record.topic;
  letter.partition = record.partition;
  letter.offset = record.offset;
  letter.reason = CodeName(rejection.code);
  letter.field = rejection.field;
  letter.detail = rejection.detail;
  letter.appended_at = record.appended_at;
  return letter;
}

std::string DeadLetterId(const DeadLetter& letter) {
  IdentityHash hash;
  hash.Add("dead_letter").Add(letter.topic).Add(static_cast<int64_t>(letter.partition)).Add(letter.offset);
  return ToHex(hash.Finish());
}

}  // namespace tocsin::schemas
