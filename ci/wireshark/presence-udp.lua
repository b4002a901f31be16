-- Wireshark's dissector for the lab presence-udp.
--
--     wireshark -X lua_script:ci/wireshark/presence-udp.lua CAPTURE

local here = debug.getinfo(1, "S").source:gsub("^@", ""):match("^(.*[/\\])") or ""
local lines = dofile(here .. "lines.lua")

lines.protocol {
    lab = "lab_presence_udp",
    title = "presence-udp",
    ports = { 9907, 9908 }, -- 9908: where the beacon goes to
    transport = "udp",
    from_client = function(line)
        local port = line:match("^PRESENCE (%d+)$") -- the server's, from a port of its own
        if port then return { name = "PRESENCE", text = port, clause = "1.2" } end
        return lines.commands({
            HELLO = "2.1", SAY = "2.3", WHO = "3.1", ALIVE = "3.3", BYE = "3.4", DISCOVER = "1.3",
        }, { name = "no command", clause = "2.6" })(line)
    end,
    from_server = lines.answers({
        { "^PRESENCE (%d+)$", "PRESENCE", "1.2" },
        { "^(.-) is in the room%.$", "came", "2.1" },
        { "^(.-) has left the room%.$", "left", "3.4" },
        { "^(.-) says: (.*)$", "says", "2.3" },
        { "^ %- (.*)$", "listed", "3.1" },
        { "^(Who are you%?.*)$", "stranger", "2.5" },
    }, { name = "line" }),
}
