-- Wireshark's dissector for the lab echo.
--
--     wireshark -X lua_script:ci/wireshark/echo.lua CAPTURE

local here = debug.getinfo(1, "S").source:gsub("^@", ""):match("^(.*[/\\])") or ""
local lines = dofile(here .. "lines.lua")

local function is_goodbye(line) return line:upper() == "BYE" end

lines.protocol {
    lab = "lab_echo",
    title = "echo",
    ports = { 2323, 2424, 9907 },
    transport = "tcp",
    from_client = function(line)
        if is_goodbye(line) then return { name = "BYE", clause = "4.1" } end
        return { name = "line", text = line, clause = line == "" and "3.7" or "3.1" }
    end,
    from_server = function(line)
        local text = line:match("^> ?(.*)$")
        if text == nil then return { name = "line", text = line, clause = "2.1" } end
        return { name = "reply", text = text, clause = is_goodbye(text) and "4.1" or "3.1" }
    end,
}
