# flow, load, addwork and work: what loads a daemon with units, and what works on them.
find_package(ZLIB REQUIRED)
target_sources(coord_cli
  PRIVATE
    flow.cc flow_commands.cc load.cc unit_reader.cc unit_reader_input.cc work_commands.cc
    work_display.cc work_options.cc work_process.cc work_protocol.cc work_runner.cc work_signals.cc
  PUBLIC FILE_SET HEADERS FILES
    flow.h load.h unit_reader.h unit_reader_input.h work_display.h work_options.h work_process.h
    work_protocol.h work_runner.h work_signals.h)
target_link_libraries(coord_cli PRIVATE ZLIB::ZLIB)
