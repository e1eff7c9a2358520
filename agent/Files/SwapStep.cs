namespace SidecarAgent.Agent.Files;

/// <summary>One effect of a <see cref="GenerationSwap"/>. A crash before or after it leaves a whole set visible.</summary>
/// <param name="Name">What it does, for error messages and people who read them.</param>
/// <param name="Run">To be run once, in order.</param>
internal sealed record SwapStep(string Name, Action Run);
