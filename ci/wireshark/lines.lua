-- What the dissectors of the labs share: text in lines, over TCP or UDP.
--
-- Each line of a packet is shown with what it is in the lab, and the clause that is about it. A line
-- that does not end in its packet is shown as far as it goes, and marked: a student should see what
-- each segment really holds.

local lines = {}

-- The folder of this file's neighbours is not in the search path: see `dofile` in each of them.

local function fields_of(name)
    return {
        line = ProtoField.string(name .. ".line", "Line"),
        command = ProtoField.string(name .. ".command", "Command"),
        answer = ProtoField.string(name .. ".answer", "Answer"),
        text = ProtoField.string(name .. ".text", "Text"),
        clause = ProtoField.string(name .. ".clause", "Clause"),
        unended = ProtoField.bool(name .. ".unended", "No end of line in this packet"),
    }
end

-- The line that begins at an offset: its range without the line end, whether it ends, and where the
-- next one begins.
local function next_line(buffer, from)
    local at = from
    while at < buffer:len() and buffer(at, 1):uint() ~= 10 do
        at = at + 1
    end
    local ended, stop = at < buffer:len(), at
    if ended and stop > from and buffer(stop - 1, 1):uint() == 13 then
        stop = stop - 1
    end
    return buffer(from, stop - from), ended, math.min(at + 1, buffer:len())
end

-- Defines the protocol of a lab.
--   lab         its name, as in Wireshark's filters: `lab_echo`
--   title       what it is
--   ports       its ports; the first can be changed in the preferences
--   transport   "tcp" or "udp"; in a datagram the last line need not end
--   from_client what a line of a client is, as a function of the line: a table of
--   from_server   name, text (may be nil), clause
function lines.protocol(lab)
    local proto = Proto(lab.lab, "Lab: " .. lab.title)
    local fields = fields_of(lab.lab)
    local of_server = {}
    proto.fields = fields
    proto.prefs.port = Pref.uint("Port", lab.ports[1], "The port that the server listens on")

    local function add_line(tree, range, ended, is_answer)
        local text = range:len() > 0 and range:string(ENC_UTF_8) or ""
        local told = (is_answer and lab.from_server or lab.from_client)(text)
        local words = told.text and told.name .. ": " .. told.text or told.name
        local branch = tree:add(proto, range, words)
        branch:add(fields.line, range, text)
        branch:add(is_answer and fields.answer or fields.command, range, told.name)
        if told.text then branch:add(fields.text, range, told.text) end
        if told.clause then branch:add(fields.clause, range, told.clause) end
        if not ended and lab.transport == "tcp" then branch:add(fields.unended, range, true) end
        return words
    end

    function proto.dissector(buffer, packet, tree)
        if buffer:len() == 0 then return end
        local is_answer = of_server[packet.src_port] or false
        local branch = tree:add(proto, buffer(), lab.title)
        local told, at = {}, 0
        while at < buffer:len() do
            local range, ended, behind = next_line(buffer, at)
            told[#told + 1] = add_line(branch, range, ended, is_answer)
            at = behind
        end
        packet.cols.protocol = lab.lab
        packet.cols.info = table.concat(told, " | ")
    end

    local function listen_on(port, listens)
        local known = DissectorTable.get(lab.transport .. ".port")
        if listens then known:add(port, proto) else known:remove(port, proto) end
        of_server[port] = listens or nil
    end

    local first = lab.ports[1]
    for _, port in ipairs(lab.ports) do listen_on(port, true) end
    function proto.prefs_changed()
        listen_on(first, false)
        first = proto.prefs.port
        listen_on(first, true)
    end
    return proto
end

-- The first word of a line in upper case, and the rest without the spaces between.
function lines.command(line)
    local word, rest = line:match("^%s*(%S+)%s*(.*)$")
    return (word or ""):upper(), rest or ""
end

-- A function that knows these commands, and their clauses; another line has a name and a clause of
-- its own.
function lines.commands(clauses, other)
    return function(line)
        local word, rest = lines.command(line)
        if clauses[word] then
            return { name = word, text = rest ~= "" and rest or nil, clause = clauses[word] }
        end
        return { name = other.name, text = line, clause = other.clause }
    end
end

-- A function that knows answers by patterns: a list of { pattern, name, clause }, the first that fits
-- counts. What a pattern captures is the text.
function lines.answers(known, other)
    return function(line)
        for _, each in ipairs(known) do
            local captured = { line:match(each[1]) }
            if #captured > 0 then
                return { name = each[2], text = table.concat(captured, ": "), clause = each[3] }
            end
        end
        return { name = other.name, text = line, clause = other.clause }
    end
end

return lines
