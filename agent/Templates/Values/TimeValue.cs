using SidecarAgent.Agent.Templates.Formatting;

namespace SidecarAgent.Agent.Templates.Values;

/// <summary>A moment, in UTC: the only time zone that an image without a time zone database knows.</summary>
internal sealed class TimeValue(DateTime utc) : Value
{
    public DateTime Utc { get; } = utc;

    public override string GoType => "time.Time";

    /// <summary>In Go a struct is true, whatever it holds.</summary>
    public override bool IsTrue => true;

    /// <summary>As Go prints a time.</summary>
    public string Printed => GoTimeLayout.Format(Utc, "2006-01-02 15:04:05.999999999 -0700 MST");

    /// <summary>As JSON and YAML hold it (RFC 3339).</summary>
    public string Rfc3339 => GoTimeLayout.Format(Utc, "2006-01-02T15:04:05.999999999Z07:00");
}
