#include "daemon/service/plain_text.h"

namespace tocsin::daemon {

std::string Plain(std::string_view text) {
  std::string out(text);
  for (size_t i = 0; i < out.size(); ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    if (c < 0x20 || c == 0x7f) out[i] = ' ';
    // U+0080 to U+009F, which some terminals obey as well.
    const bool c1 = c == 0xc2 && i + 1 < out.size() && static_cast<unsigned char>(out[i + 1]) < 0xa0;
    if (c1) out.replace(i, 2, "  ");
  }
  return out;
}

}  // namespace tocsin::daemon
