# Writes a source file with the function WebFiles(): the files of the dashboard, with their types and
# with validators made of what they hold.
# Usage: cmake -DFOLDER=FOLDER -DOUTPUT=FILE -P embed_web.cmake
include(${CMAKE_CURRENT_LIST_DIR}/embed_text.cmake)
set(type_html "text/html; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_svg "image/svg+xml")

set(entries "")
file(GLOB names RELATIVE ${FOLDER} ${FOLDER}/*)
list(SORT names)
foreach(name IN LISTS names)
  string(REGEX REPLACE ".*\\." "" extension "${name}")
  if(NOT DEFINED type_${extension})
    message(FATAL_ERROR "web/${name}: no media type is known for .${extension}")
  endif()
  file(SHA256 ${FOLDER}/${name} hash)
  string(SUBSTRING ${hash} 0 16 hash)
  embed_text(literals ${FOLDER}/${name})
  string(APPEND entries
         "    {\"${name}\", \"${type_${extension}}\", \"\\\"${hash}\\\"\",\n${literals}},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"http/web_files.h\"

#include <array>

namespace coord {
std::span<const WebFile> WebFiles() {
  static constexpr auto kFiles = std::to_array<WebFile>({
${entries}  });
  return kFiles;
}
}  // namespace coord
")
