using System.Net;
using SidecarAgent.Webhook.Injection;

namespace SidecarAgent.Webhook.Configuration;

/// <summary>What webhook.yaml says. Files it names are not read yet.</summary>
internal sealed record WebhookOptions
{
    /// <summary>Where the API server calls, over TLS.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>Where Prometheus and the kubelet ask, in the clear.</summary>
    public required IPEndPoint MetricsListen { get; init; }

    public required CertificateFiles Certificate { get; init; }

    /// <summary>Broker without its certificates, which are in <see cref="BrokerCaFile"/>; agent and trust as they are.</summary>
    public required InjectionSettings Injection { get; init; }

    /// <summary>PEM file of the authorities that vouch for the broker. Agents trust no others.</summary>
    public required string BrokerCaFile { get; init; }
}

/// <summary>PEM files of the webhook's own certificate, with what chain it needs, and of its private key.</summary>
internal sealed record CertificateFiles(string CertFile, string KeyFile);
