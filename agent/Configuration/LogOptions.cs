using Microsoft.Extensions.Logging;

namespace SidecarAgent.Agent.Configuration;

/// <param name="Level">Less than this is not written.</param>
/// <param name="Format">How a line looks.</param>
internal sealed record LogOptions(LogLevel Level, LogFormat Format);
