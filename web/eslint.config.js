// Strict TypeScript, hooks, accessibility, and no text outside the translation files.
import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import react from "eslint-plugin-react";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts", "test-results"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ["eslint.config.js", "scripts/*.mjs"] }, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/consistent-type-imports": "error",
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      "no-console": "error",
    },
  },
  {
    files: ["src/**/*.tsx"],
    plugins: { react, "react-hooks": reactHooks },
    extends: [jsxA11y.flatConfigs.strict],
    settings: { react: { version: "19" } },
    rules: {
      ...reactHooks.configs.recommended.rules,
      // Its point is the React compiler, which is not in use here; the virtualiser is written for re-rendering.
      "react-hooks/incompatible-library": "off",
      "react/jsx-no-literals": [
        "error",
        {
          noStrings: true,
          ignoreProps: true,
          allowedStrings: ["Saola", "·", "–", "—", "/", "×", ":", ", ", "(", ")", "VI", "EN"],
        },
      ],
      "react/no-danger": "error",
      "react/jsx-no-target-blank": "error",
      "no-restricted-syntax": [
        "error",
        {
          selector: "JSXAttribute[name.name=/^(title|label|placeholder|aria-label|alt|description)$/] > Literal[value=/\\p{L}{2,}/u]",
          message: "Text for people goes into src/i18n/{vi,en}/*.json.",
        },
      ],
    },
  },
  { files: ["**/*.mjs", "eslint.config.js"], extends: [tseslint.configs.disableTypeChecked], languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly" } }, rules: { "no-console": "off" } },
);
