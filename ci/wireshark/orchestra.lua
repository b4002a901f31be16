-- Wireshark's dissector for the lab orchestra.
--
--     wireshark -X lua_script:ci/wireshark/orchestra.lua CAPTURE

local here = debug.getinfo(1, "S").source:gsub("^@", ""):match("^(.*[/\\])") or ""
local lines = dofile(here .. "lines.lua")

-- The auditor answers with JSON, which need not be in lines.
local auditor = lines.protocol {
    lab = "lab_orchestra",
    title = "orchestra",
    ports = { 2205 },
    transport = "tcp",
    from_client = function(line) return { name = "line", text = line, clause = "2.2" } end,
    from_server = function(line)
        local playing = {}
        for instrument in line:gmatch('"instrument"%s*:%s*"([^"]*)"') do
            playing[#playing + 1] = instrument
        end
        local clause = #playing > 0 and "2.3" or "2.2"
        return { name = "playing", text = table.concat(playing, ", "), clause = clause }
    end,
}

-- What musicians send, where to, and in which form, is free: they are known by their sounds.
local musician = Proto("lab_orchestra_sound", "Lab: orchestra, a musician")
local instrument = ProtoField.string("lab_orchestra.instrument", "Instrument")
local clause = ProtoField.string("lab_orchestra_sound.clause", "Clause")
musician.fields = { instrument, clause }

local SOUNDS = {
    ["ti-ta-ti"] = "piano", ["pouet"] = "trumpet", ["trulu"] = "flute", ["gzi-gzi"] = "violin",
    ["boum-boum"] = "drum",
}

local function heard(buffer, packet, tree)
    local text = buffer:raw()
    for sound, name in pairs(SOUNDS) do
        if text:find(sound, 1, true) then
            local branch = tree:add(musician, buffer(), "A musician plays: " .. name)
            branch:add(instrument, buffer(), name)
            branch:add(clause, buffer(), "1.2")
            packet.cols.protocol = "lab_orchestra"
            packet.cols.info = name .. ": " .. sound
            return true
        end
    end
    return false
end

musician:register_heuristic("udp", heard)

return auditor
