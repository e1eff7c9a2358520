using SidecarAgent.Webhook.Injection;

namespace SidecarAgent.Webhook.Configuration;

/// <summary>The settings that decisions use now: those of webhook.yaml with the broker's authorities as last read.</summary>
internal sealed class LiveInjectionSettings
{
    private volatile InjectionSettings _current;

    public LiveInjectionSettings(InjectionSettings configured) => _current = configured;

    public InjectionSettings Current => _current;

    public FileWatch WatchAuthorities(string path) => new([path], contents =>
        _current = _current with
        {
            Broker = _current.Broker with { CaPem = BrokerAuthorities.Read(path, contents[0]) },
        });
}
