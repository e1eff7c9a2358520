using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using SidecarAgent.V1;
using Schedule = SidecarAgent.Broker.Rotation.RotationSchedule;

namespace SidecarAgent.Ctl.Rotations;

/// <summary>The options that say when a secret is rotated by itself.</summary>
internal sealed class ScheduleOptions
{
    private readonly Option<TimeSpan?> _every;
    private readonly Option<string?> _cron;

    /// <param name="prefix">What the names begin with after the dashes.</param>
    public ScheduleOptions(string prefix = "")
    {
        _every = new Option<TimeSpan?>($"--{prefix}every")
        {
            Description = "Rotate it by itself, so often: from 1m to 3650d.",
            HelpName = "DURATION",
            CustomParser = result => Durations.Parser(TimeSpan.FromMinutes(1), TimeSpan.FromDays(3650))(result),
        };
        _cron = new Option<string?>($"--{prefix}cron")
        {
            Description = "Rotate it by itself, at these times: minute, hour, day of month, month, day of week, in UTC.",
            HelpName = "EXPRESSION",
        };
        // By the broker's own rule, but here: 'secret put' has stored a version when it comes to its schedule.
        _cron.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } cron && !Schedule.TryCreate(null, cron, out _, out var problem))
                result.AddError(problem);
        });
    }

    public void AddTo(Command command)
    {
        command.Add(_every);
        command.Add(_cron);
        command.Validators.Add(parsed =>
        {
            if (parsed.GetResult(_every) is not null && parsed.GetResult(_cron) is not null)
                parsed.AddError($"{_every.Name} and {_cron.Name} exclude each other");
        });
    }

    /// <returns>Null: none of them was given.</returns>
    public RotationSchedule? Read(ParseResult parsed)
    {
        if (parsed.GetValue(_every) is { } every)
            return new RotationSchedule { Every = every.ToDuration() };
        return parsed.GetValue(_cron) is { } cron ? new RotationSchedule { Cron = cron } : null;
    }
}
