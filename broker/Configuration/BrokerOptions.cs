using System.Net;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Configuration;

/// <summary>
/// The broker's configuration, validated: what <c>broker.yaml</c> says, with defaults filled in and every path absolute.
/// A relative path in the file is relative to the file's own directory.
/// </summary>
internal sealed record BrokerOptions
{
    /// <summary><c>listen</c>: where gRPC is served over TLS. Default 0.0.0.0:8443; port 0 takes a free one.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary><c>metricsListen</c>: where metrics and health are served over HTTP. Default 0.0.0.0:9464.</summary>
    public required IPEndPoint MetricsListen { get; init; }

    /// <summary><c>tls</c>: the server's certificate. Required.</summary>
    public required TlsOptions Tls { get; init; }

    /// <summary><c>storage</c>: where the broker keeps what it knows. Required.</summary>
    public required StorageOptions Storage { get; init; }

    /// <summary><c>key</c>: the key-encryption keys. Required.</summary>
    public required KeyOptions Key { get; init; }

    /// <summary><c>audit</c>: the audit log. Required.</summary>
    public required AuditOptions Audit { get; init; }

    /// <summary><c>issuers</c>: who may vouch for a workload. At least one, no two of the same name.</summary>
    public required IReadOnlyList<IssuerOptions> Issuers { get; init; }

    /// <summary><c>admins</c>: who may call BrokerAdmin. Default nobody.</summary>
    public required AdminOptions Admins { get; init; }

    /// <summary><c>policies</c>: the directory of policy files. Required.</summary>
    public required string PolicyDirectory { get; init; }

    /// <summary><c>mounts</c>: the engines. Default one kv engine at <c>kv</c>.</summary>
    public required IReadOnlyList<MountOptions> Mounts { get; init; }

    /// <summary><c>limits</c>: how much of the broker one pod may use.</summary>
    public required LimitOptions Limits { get; init; }

    /// <summary><c>leases</c>: how long leases live where a grant does not say.</summary>
    public required LeaseOptions Leases { get; init; }

    /// <summary><c>detection</c>: what is looked for in what workloads ask for.</summary>
    public required DetectionOptions Detection { get; init; }

    /// <summary><c>rotation</c>: what rotations do where nobody says otherwise.</summary>
    public required RotationOptions Rotation { get; init; }

    /// <param name="path">The YAML file. The files that it names are looked at, too.</param>
    /// <exception cref="InvalidYamlException">Everything that is wrong with it.</exception>
    /// <exception cref="IOException">The file itself cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file itself may not be read.</exception>
    public static BrokerOptions Load(string path)
    {
        var file = YamlFile.Parse(File.ReadAllText(path), path);
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var options = new BrokerOptionsReader(new ConfiguredFiles(directory)).Read(file.Root);
        file.ThrowIfInvalid();
        return options;
    }
}
