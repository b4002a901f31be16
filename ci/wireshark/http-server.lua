-- Wireshark's dissector for the lab http-server: which clause each line is about. What is in a
-- message is told by Wireshark's own dissector of HTTP.
--
--     wireshark -X lua_script:ci/wireshark/http-server.lua CAPTURE

local here = debug.getinfo(1, "S").source:gsub("^@", ""):match("^(.*[/\\])") or ""
local lines = dofile(here .. "lines.lua")

local clauses = {
    host = "3.6",
    connection = "4.2",
    ["content-length"] = "5.1",
    ["transfer-encoding"] = "5.4",
    expect = "5.12",
    range = "9.3",
    ["if-none-match"] = "9.2",
    ["if-modified-since"] = "9.2",
}

lines.protocol {
    lab = "lab_http_server",
    title = "http-server",
    ports = { 8080 },
    transport = "tcp",
    from_client = function(line)
        if line == "" then return { name = "end of the head", clause = "2.14" } end
        local method, target = line:match("^(%u+) (%S+) HTTP/[%d.]+$")
        if method then return { name = method, text = target, clause = "2.1" } end
        local name, value = line:match("^([%w-]+):[ \t]*(.-)[ \t]*$")
        if name then
            return { name = "header", text = line, clause = clauses[name:lower()] or "2.15" }
        end
        return { name = "body", clause = "5.1" }
    end,
    from_server = lines.answers({
        { "^HTTP/[%d.]+ (%d+ .*)$", "status", "2.2" },
        { "^[Dd]ate:(.*)$", "date", "2.12" },
        { "^[Cc]ontent%-[Ll]ength:(.*)$", "length", "2.3" },
        { "^[Cc]ontent%-[Tt]ype:(.*)$", "type", "2.11" },
        { "^([%w-]+:.*)$", "header", "2.2" },
    }, { name = "body", clause = "2.1" }),
}
