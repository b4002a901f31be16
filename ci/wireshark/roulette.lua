-- Wireshark's dissector for the lab roulette.
--
--     wireshark -X lua_script:ci/wireshark/roulette.lua CAPTURE

local here = debug.getinfo(1, "S").source:gsub("^@", ""):match("^(.*[/\\])") or ""
local lines = dofile(here .. "lines.lua")

lines.protocol {
    lab = "lab_roulette",
    title = "roulette",
    ports = { 2613, 1313 },
    transport = "tcp",
    from_client = lines.commands({
        HELP = "2.1", INFO = "2.2", LOAD = "2.3", ENDOFDATA = "2.3", RANDOM = "2.5",
        CLEAR = "3.1", LIST = "3.2", BYE = "3.3",
    }, { name = "a student, or no command" }),
    from_server = lines.answers({
        { "^Commands: (.*)$", "commands", "2.1" },
        { "^(Send your data.*)$", "prompt", "2.3" },
        { "^(DATA LOADED)$", "loaded", "2.3" },
        { "^(DATASTORE CLEARED)$", "cleared", "3.1" },
        { '"numberOfNewStudents"%s*:%s*(%d+)', "new students", "2.3" },
        { '"numberOfStudents"%s*:%s*(%d+)', "students", "2.2" },
        { '"numberOfCommands"%s*:%s*(%d+)', "commands sent", "3.3" },
        { '"fullname"%s*:%s*"([^"]*)"%s*}$', "drawn", "2.5" },
        { '"students"%s*:%s*(%[.*%])', "list", "3.2" },
        { '"error"%s*:%s*(.*)}', "error", "2.6" },
    }, { name = "line" }),
}
