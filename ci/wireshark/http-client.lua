-- Wireshark's dissector for the lab http-client.
--
--     wireshark -X lua_script:ci/wireshark/http-client.lua CAPTURE

local here = debug.getinfo(1, "S").source:gsub("^@", ""):match("^(.*[/\\])") or ""
local lines = dofile(here .. "lines.lua")

lines.protocol {
    lab = "lab_http_client",
    title = "http-client",
    ports = { 80 },
    transport = "tcp",
    from_client = function(line)
        if line == "" then return { name = "blank line", clause = "1.2" } end
        return { name = "request", text = line, clause = "1.2" }
    end,
    from_server = lines.answers({
        { "^HTTP/[%d.]+ (%d+ .*)$", "status", "1.3" },
        { "^([%w-]+:.*)$", "header", "1.3" },
    }, { name = "body", clause = "1.4" }),
}
