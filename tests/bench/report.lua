-- For wrk: `wrk -s report.lua URL -- [REQUESTS_PER_S CONNECTIONS]` prints one line of JSON.
-- With a rate, each connection waits a random while before each request, so that requests arrive as from many people
-- who know nothing of each other; without, it asks again at once.
local pause_ms = 0

function init(args)
    if args[1] then
        pause_ms = 1000 * tonumber(args[2]) / tonumber(args[1])
        math.randomseed(1)
        delay = function()
            return math.floor(-pause_ms * math.log(1 - math.random()) + 0.5)
        end
    end
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        'report {"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "failed": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
