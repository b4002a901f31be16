-- Wireshark's dissector for the lab presence.
--
--     wireshark -X lua_script:ci/wireshark/presence.lua CAPTURE

local here = debug.getinfo(1, "S").source:gsub("^@", ""):match("^(.*[/\\])") or ""
local lines = dofile(here .. "lines.lua")

lines.protocol {
    lab = "lab_presence",
    title = "presence",
    ports = { 9907 },
    transport = "tcp",
    from_client = lines.commands(
        { HELLO = "2.1", SAY = "2.2", WHO = "3.1", BYE = "4.1", KILL = "4.5" },
        { name = "no command", clause = "2.6" }
    ),
    from_server = lines.answers({
        { "^(.-) is in the room%.$", "came", "2.1" },
        { "^(.-) has left the room%.$", "left", "4.2" },
        { "^(.-) says: (.*)$", "says", "2.2" },
        { "^ %- (.*)$", "listed", "3.1" },
    }, { name = "line" }),
}
