using System.Threading.Channels;

namespace SidecarAgent.Agent.Configuration;

/// <summary>Where a running agent's configuration comes from, and the wish to read it again.</summary>
/// <param name="read">Throws <see cref="InvalidConfigurationException"/>.</param>
/// <param name="useLog">Makes the log as it is configured.</param>
internal sealed class ConfigurationSource(Func<AgentOptions> read, Action<LogOptions> useLog)
{
    private readonly Channel<bool> _asked = Channel.CreateBounded<bool>(1);

    public AgentOptions Read() => read();

    public void UseLog(LogOptions options) => useLog(options);

    /// <summary>As SIGHUP does. Several wishes in a row are one.</summary>
    public void Ask() => _asked.Writer.TryWrite(true);

    /// <summary>Ends at the next wish.</summary>
    public async Task AskedAsync(CancellationToken cancellationToken) => await _asked.Reader.ReadAsync(cancellationToken);
}
