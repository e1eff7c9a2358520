using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Computes a function. May throw <see cref="Execution.EvaluationException"/>.</summary>
internal delegate Value FunctionBody(Call call);

/// <summary>What a template can call.</summary>
/// <param name="Name">As templates write it.</param>
/// <param name="Min">Arguments at least, with the one that comes through a pipe.</param>
/// <param name="Max">Arguments at most.</param>
/// <param name="Body">Gets only calls with so many arguments.</param>
internal sealed record Function(string Name, int Min, int Max, FunctionBody Body)
{
    public const int Unlimited = int.MaxValue;

    /// <summary>Arguments are evaluated only until one decides the result.</summary>
    public ShortCircuit ShortCircuit { get; init; }

    /// <summary>Its argument names a secret that the agent must hold before it renders.</summary>
    public bool TakesSecretPath { get; init; }
}

internal enum ShortCircuit
{
    None,

    /// <summary>The first false argument, or the last.</summary>
    And,

    /// <summary>The first true argument, or the last.</summary>
    Or,
}
