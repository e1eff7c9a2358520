namespace SidecarAgent.Agent.Configuration;

internal enum LogFormat
{
    /// <summary>For people: time, level, sentence.</summary>
    Text,

    /// <summary>For collectors: one JSON object per line.</summary>
    Json,
}
