-- Wireshark's dissector for the lab streaming-time.
--
--     wireshark -X lua_script:ci/wireshark/streaming-time.lua CAPTURE

local here = debug.getinfo(1, "S").source:gsub("^@", ""):match("^(.*[/\\])") or ""
local lines = dofile(here .. "lines.lua")

lines.protocol {
    lab = "lab_streaming_time",
    title = "streaming-time",
    ports = { 2205 },
    transport = "tcp",
    from_client = function(line) return { name = "line", text = line, clause = "2.8" } end,
    from_server = lines.answers(
        { { "^{'time' : '(.*)'}$", "time", "2.3" } },
        { name = "another form", clause = "2.2" }
    ),
}
