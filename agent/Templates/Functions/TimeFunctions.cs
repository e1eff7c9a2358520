using SidecarAgent.Agent.Templates.Formatting;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>The time of the rendering, in UTC.</summary>
internal static class TimeFunctions
{
    private const string Rfc3339 = "2006-01-02T15:04:05Z07:00";

    public static readonly Function[] All = [new("timestamp", 0, 1, Timestamp)];

    private static TextValue Timestamp(Call call)
    {
        var now = call.Context.Now;
        var layout = call.Count == 0 ? Rfc3339 : call.String(0);
        return TextValue.Of(layout == "unix" ? NumberText.Of(now.ToUnixTimeSeconds()) : GoTimeLayout.Format(now.UtcDateTime, layout));
    }
}
