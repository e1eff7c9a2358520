using System.Text.Json.Nodes;

namespace SidecarAgent.Webhook.Injection;

/// <summary>
/// Makes the containers and volumes that are added to a pod. They pass the "restricted" Pod Security Standard as they are.
/// </summary>
internal sealed record AgentContainer
{
    public const string Name = "sidecar-agent";
    public const string InitName = "sidecar-agent-init";
    public const string SecretsVolume = "sidecar-agent-secrets";
    public const string TokenVolume = "sidecar-agent-token";
    public const string TokenDirectory = "/var/run/sidecar-agent";
    public const string TokenFile = TokenDirectory + "/token";
    public const string Program = "/sidecar-agent";
    public const string PortName = "sidecar-metrics";
    public const int FirstPort = 9464;

    public required string Image { get; init; }

    public required string PullPolicy { get; init; }

    public required AgentResources Resources { get; init; }

    public required long User { get; init; }

    public required long Group { get; init; }

    public required string MountPath { get; init; }

    public required int Port { get; init; }

    /// <summary>What the agent reads from its environment, as JSON.</summary>
    public required string Configuration { get; init; }

    /// <summary>
    /// A native sidecar. Whatever comes after it in the pod waits until its postStart hook has seen the first files, and at
    /// the pod's end it is stopped last, so that Jobs complete.
    /// </summary>
    public JsonObject Sidecar()
    {
        var container = Serving();
        container["restartPolicy"] = "Always";
        container["lifecycle"] = new JsonObject
        {
            ["postStart"] = new JsonObject
            {
                ["exec"] = new JsonObject { ["command"] = new JsonArray(Program, "wait", "--timeout", "60s") },
            },
        };
        return container;
    }

    /// <summary>An ordinary container, beside an init container that has already written the files.</summary>
    public JsonObject Ordinary() => Serving();

    /// <summary>An init container that writes the files once.</summary>
    public JsonObject Init(string name) => Bare(name, "init");

    /// <summary>The memory volume that holds the files; with a limit, so that it cannot eat the node's memory.</summary>
    public static JsonObject MemoryVolume(Quantity size) => new()
    {
        ["name"] = SecretsVolume,
        ["emptyDir"] = new JsonObject { ["medium"] = "Memory", ["sizeLimit"] = size.Text },
    };

    /// <summary>
    /// The workload token. It keeps the default mode: the kubelet makes the file root's, so that with a narrower one the
    /// agent, which is not root, could not read it. Only the agent mounts the volume.
    /// </summary>
    public static JsonObject TokenSource(string audience, int expirationSeconds) => new()
    {
        ["name"] = TokenVolume,
        ["projected"] = new JsonObject
        {
            ["sources"] = new JsonArray(new JsonObject
            {
                ["serviceAccountToken"] = new JsonObject
                {
                    ["audience"] = audience,
                    ["expirationSeconds"] = expirationSeconds,
                    ["path"] = "token",
                },
            }),
        },
    };

    /// <summary>How the application's containers see the files.</summary>
    public static JsonObject ReadOnlyMount(string mountPath) => new()
    {
        ["name"] = SecretsVolume,
        ["readOnly"] = true,
        ["mountPath"] = mountPath,
    };

    private JsonObject Serving()
    {
        var container = Bare(Name, "run");
        container["ports"] = new JsonArray(new JsonObject
        {
            ["name"] = PortName,
            ["containerPort"] = Port,
            ["protocol"] = "TCP",
        });
        container["livenessProbe"] = Probe("/healthz", periodSeconds: 20);
        // Ready: every file is on disk and every lease is alive. A pod whose credentials have ended should get no traffic.
        container["readinessProbe"] = Probe("/readyz", periodSeconds: 10);
        return container;
    }

    private JsonObject Bare(string name, string command) => new()
    {
        ["name"] = name,
        ["image"] = Image,
        ["imagePullPolicy"] = PullPolicy,
        ["args"] = new JsonArray(command),
        ["env"] = new JsonArray(new JsonObject
        {
            ["name"] = AgentConfiguration.Variable,
            ["value"] = Configuration,
        }),
        ["resources"] = ResourcesNode(),
        ["volumeMounts"] = new JsonArray(
            new JsonObject { ["name"] = SecretsVolume, ["mountPath"] = MountPath },
            new JsonObject { ["name"] = TokenVolume, ["readOnly"] = true, ["mountPath"] = TokenDirectory }),
        ["securityContext"] = new JsonObject
        {
            ["runAsUser"] = User,
            ["runAsGroup"] = Group,
            ["runAsNonRoot"] = true,
            ["allowPrivilegeEscalation"] = false,
            ["readOnlyRootFilesystem"] = true,
            ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
            ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
        },
        // kubectl describe pod then shows the last lines of the log, which say what is wrong.
        ["terminationMessagePolicy"] = "FallbackToLogsOnError",
    };

    private JsonObject ResourcesNode()
    {
        var resources = new JsonObject();
        if (Amounts(Resources.CpuRequest, Resources.MemoryRequest) is { } requests)
            resources["requests"] = requests;
        if (Amounts(Resources.CpuLimit, Resources.MemoryLimit) is { } limits)
            resources["limits"] = limits;
        return resources;
    }

    private static JsonObject? Amounts(Quantity? cpu, Quantity? memory)
    {
        var amounts = new JsonObject();
        if (cpu is not null)
            amounts["cpu"] = cpu.Text;
        if (memory is not null)
            amounts["memory"] = memory.Text;
        return amounts.Count == 0 ? null : amounts;
    }

    private static JsonObject Probe(string path, int periodSeconds) => new()
    {
        ["httpGet"] = new JsonObject { ["path"] = path, ["port"] = PortName },
        ["periodSeconds"] = periodSeconds,
        ["timeoutSeconds"] = 2,
        ["failureThreshold"] = 3,
    };
}
