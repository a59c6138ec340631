# Writes a source file with the function OpenApiText(), whose value is the text of a file.
# Usage: cmake -DINPUT=FILE -DOUTPUT=FILE -P embed_openapi.cmake
include(${CMAKE_CURRENT_LIST_DIR}/embed_text.cmake)
embed_text(literals ${INPUT})
file(WRITE ${OUTPUT} "#include \"http/openapi.h\"
namespace coord {
std::string_view OpenApiText() {
  static constexpr std::string_view kText =
${literals};
  return kText;
}
}  // namespace coord
")
