using System.Net;
using SidecarAgent.Webhook.Certificates;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Missed;

namespace SidecarAgent.Webhook.Configuration;

/// <summary>What webhook.yaml says. Files it names are not read yet.</summary>
internal sealed record WebhookOptions
{
    /// <summary>Where the API server calls, over TLS.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>Where Prometheus and the kubelet ask, in the clear.</summary>
    public required IPEndPoint MetricsListen { get; init; }

    /// <summary>Where the certificate comes from: files, or <see cref="SelfManaged"/>. Exactly one of the two is set.</summary>
    public CertificateFiles? CertificateFiles { get; init; }

    public SelfManagedCertificate? SelfManaged { get; init; }

    /// <summary>How long it goes on answering after SIGTERM.</summary>
    public TimeSpan Drain { get; init; }

    /// <summary>What is done about pods that slipped through.</summary>
    public MissedSettings Missed { get; init; } = MissedSettings.Default;

    /// <summary>Broker without its certificates, which are in <see cref="BrokerCaFile"/>; agent and trust as they are.</summary>
    public required InjectionSettings Injection { get; init; }

    /// <summary>PEM file of the authorities that vouch for the broker. Agents trust no others.</summary>
    public required string BrokerCaFile { get; init; }
}

/// <summary>PEM files of the webhook's own certificate, with what chain it needs, and of its private key.</summary>
internal sealed record CertificateFiles(string CertFile, string KeyFile);
