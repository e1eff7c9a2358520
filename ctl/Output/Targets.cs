using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Output;

/// <summary>Whom a cut-off concerns, in words.</summary>
internal static class Targets
{
    public static (string Kind, string Name) Of(Target? target) => target?.KindCase switch
    {
        Target.KindOneofCase.Workload => ("workload", target.Workload),
        Target.KindOneofCase.Pod => ("pod", target.Pod),
        Target.KindOneofCase.Node => ("node", target.Node),
        Target.KindOneofCase.Secret => ("secret", target.Secret),
        Target.KindOneofCase.Namespace => ("namespace", target.Namespace),
        Target.KindOneofCase.All => ("all", ""),
        _ => ("unknown", ""),
    };

    public static string Sentence(Target? target) => Of(target) switch
    {
        ("all", _) => "everybody",
        var (kind, name) => $"{kind} {name}".TrimEnd(),
    };
}
