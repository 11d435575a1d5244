# Warnings are errors; sanitizers, a compiler cache and a fast linker where they are there.
add_library(tocsin_options INTERFACE)
target_compile_options(tocsin_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual
  -Wconversion -Wno-sign-conversion -Wimplicit-fallthrough -Wnull-dereference -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these inside its own library at -O2 and with sanitizers (GCC bugs 105329, 105562, 104475).
  target_compile_options(tocsin_options INTERFACE -Wno-null-dereference -Wno-restrict -Wno-maybe-uninitialized
    -Wno-stringop-overflow -Wno-array-bounds -Wno-stringop-overread)
endif()
# Names in messages and debug information are those of the tree, wherever it stands.
target_compile_options(tocsin_options INTERFACE -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
target_include_directories(tocsin_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)

if(TOCSIN_SANITIZE)
  target_compile_options(tocsin_options INTERFACE -fsanitize=${TOCSIN_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(tocsin_options INTERFACE -fsanitize=${TOCSIN_SANITIZE})
  if(TOCSIN_SANITIZE MATCHES "undefined")
    target_compile_options(tocsin_options INTERFACE -fno-sanitize-recover=undefined)
  endif()
endif()

if(TOCSIN_FUZZ)
  # Coverage of the libraries guides the fuzzer.
  target_compile_options(tocsin_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})  # tools/build sets it up to serve every clone.
endif()
find_program(MOLD mold)
if(MOLD)
  target_link_options(tocsin_options INTERFACE -fuse-ld=mold)
endif()
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
